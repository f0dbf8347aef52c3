// Package convoai is ConvoAI's REST API v1.4 over the same operations as /v1,
// under /convoai/api/v1/: a client of theirs moves over by changing its base
// URL. The package is routes, names of fields and an envelope, nothing else.
//
// Lists are {"count", "results"}, everything else stands bare, and errors are
// {"error": {"code", "message", "details"}, "request_id"}, whose shape their
// document leaves open.
package convoai

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"frontdesk/agent"
	"frontdesk/gateway/api"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// Prefix leads every path of the dialect.
const Prefix = "/convoai/"

const (
	base       = Prefix + "api/v1"
	apiVersion = "v1.4"
)

// Style is ConvoAI's envelope.
func Style() api.Style {
	return api.Style{
		Success: func(out any, page *api.Paging, _ string, _ time.Time) any {
			if page != nil {
				return list{Count: page.Count, Results: out}
			}
			return out
		},
		Failure: Failure,
	}
}

type list struct {
	Count   int `json:"count"`
	Results any `json:"results"`
}

// Failure is ConvoAI's error envelope.
func Failure(f *edge.Fault, requestID string, _ time.Time) any {
	return failure{Error: problem{f.Code, f.Detail, f.Fields}, RequestID: requestID}
}

type failure struct {
	Error     problem `json:"error"`
	RequestID string  `json:"request_id"`
}

type problem struct {
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Details []edge.FieldError `json:"details,omitempty"`
}

type dialect struct{ ops *operation.Operations }

// Routes is the table of the dialect.
func Routes(ops *operation.Operations) []api.Route {
	d := dialect{ops}
	return []api.Route{
		api.Bind(api.Route{Method: "GET", Path: base + "/me", ID: "convoai.me"}, d.me),
		api.BindAll(api.Route{Method: "GET", Path: base + "/agents", ID: "convoai.agents", Scope: "agents:read"}, d.agents),
		api.Bind(api.Route{Method: "GET", Path: base + "/agents/{agent}", ID: "convoai.agent", Scope: "agents:read"}, d.agent),
		api.Bind(api.Route{Method: "POST", Path: base + "/agents/{agent}/knowledge", ID: "convoai.knowledge", Scope: "knowledge:write",
			Class: tenant.Knowledge, Status: 201, MaxBodyBytes: 10 << 20, Timeout: 30 * time.Second}, d.pushKnowledge),
		api.Bind(api.Route{Method: "POST", Path: base + "/agents/{agent}/messages", ID: "convoai.message", Scope: "messages:write",
			Class: tenant.Messages, Status: 201}, d.sendMessage),
		api.Bind(api.Route{Method: "POST", Path: base + "/agents/{agent}/webhooks", ID: "convoai.webhook", Scope: "webhooks:write", Status: 201}, d.registerWebhook),
	}
}

type nothing struct{}

type me struct {
	ID          string `json:"id"`
	Email       string `json:"email"`
	Plan        string `json:"plan"`
	AgentsCount int    `json:"agents_count"`
	APIVersion  string `json:"api_version"`
}

func (d dialect) me(ctx context.Context, c tenant.Caller, _ nothing) (me, error) {
	all, err := d.ops.Agents(ctx, c, 0, "")
	if err != nil {
		return me{}, err
	}
	plan := tenant.PlanOf(c.Business.Plan, tenant.ConvoAI).Name
	return me{userID(c.Tenant), c.Business.Email, plan, len(all.Items), apiVersion}, nil
}

// userID is the tenant's id as ConvoAI would write it.
func userID(t ingest.TenantID) string {
	return "usr_" + strings.TrimPrefix(string(t), ingest.PrefixTenant)
}

type agentBody struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Status      string    `json:"status"`
	PhoneNumber string    `json:"phone_number"`
	CreatedAt   time.Time `json:"created_at"`
}

func (d dialect) body(ctx context.Context, c tenant.Caller, a agent.Agent) (agentBody, error) {
	phone, err := d.ops.AgentPhone(ctx, c, a)
	return agentBody{string(a.ID), a.Name, string(a.Status), phone, seconds(a.CreatedAt)}, err
}

func (d dialect) agents(ctx context.Context, c tenant.Caller, _ nothing) ([]agentBody, error) {
	all, err := d.ops.Agents(ctx, c, 0, "")
	if err != nil {
		return nil, err
	}
	out := []agentBody{}
	for _, a := range all.Items {
		b, err := d.body(ctx, c, a)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

type ofAgent struct {
	Agent string `json:"-" path:"agent" maxLength:"64"`
}

func (d dialect) agent(ctx context.Context, c tenant.Caller, in ofAgent) (agentBody, error) {
	a, err := d.ops.Agent(ctx, c, ingest.AgentID(in.Agent))
	if err != nil {
		return agentBody{}, err
	}
	return d.body(ctx, c, a)
}

type knowledgeRequest struct {
	Agent   string `json:"-" path:"agent" maxLength:"64"`
	Title   string `json:"title" required:"true" maxLength:"300"`
	Content string `json:"content" required:"true"`
	DocType string `json:"doc_type" enum:"text,markdown,html,faq"`
}

type knowledgeBody struct {
	ID        string    `json:"id"`
	AgentID   string    `json:"agent_id"`
	Title     string    `json:"title"`
	DocType   string    `json:"doc_type"`
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"created_at"`
}

func (d dialect) pushKnowledge(ctx context.Context, c tenant.Caller, in knowledgeRequest) (knowledgeBody, error) {
	a, _, err := d.ops.CreateArticle(ctx, c, kb.Draft{
		Agent: ingest.AgentID(in.Agent), Title: in.Title, Content: in.Content, Type: kb.Type(in.DocType),
	})
	return knowledgeBody{string(a.ID), in.Agent, a.Title, string(a.Type), "indexed", seconds(a.CreatedAt)}, err
}

type messageRequest struct {
	Agent  string `json:"-" path:"agent" maxLength:"64"`
	Effect string `json:"-" request:"effect"`
	To     string `json:"to" required:"true" maxLength:"40"`
	Type   string `json:"type" enum:"text"`
	Text   string `json:"text" required:"true" maxLength:"4096"`
}

type messageBody struct {
	MessageID string    `json:"message_id"`
	Status    string    `json:"status"`
	To        string    `json:"to"`
	QueuedAt  time.Time `json:"queued_at"`
}

// sendMessage accepts a message outside WhatsApp's 24 hours, as the document
// knows no other answer than "queued"; it ends as failed.
func (d dialect) sendMessage(ctx context.Context, c tenant.Caller, in messageRequest) (messageBody, error) {
	m, err := d.ops.SendMessage(ctx, c, operation.SendMessage{
		Agent: ingest.AgentID(in.Agent), To: in.To, Content: ingest.Content{Type: ingest.Text, Text: in.Text},
		RequestKey: in.Effect, AcceptClosedWindow: true,
	})
	return messageBody{string(m.ID), string(m.Status), api.Address(m.Party), seconds(m.At)}, err
}

// eventForm is what events are called. The document names four of its twelve,
// so any name of that form can be subscribed to.
var eventForm = regexp.MustCompile(`^(\*|[a-z_]+\.[a-z_]+)$`)

type webhookRequest struct {
	Agent  string   `json:"-" path:"agent" maxLength:"64"`
	URL    string   `json:"url" required:"true" maxLength:"2048"`
	Events []string `json:"events" required:"true" max:"50" maxLength:"100"`
	Secret string   `json:"secret" maxLength:"500"`
}

// Check holds the URL and the events to what can be delivered.
func (in *webhookRequest) Check() []edge.FieldError {
	var out []edge.FieldError
	if u, err := url.Parse(in.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		out = append(out, edge.FieldError{Field: "url", Message: "a URL such as https://example.com/hooks is expected"})
	}
	for i, e := range in.Events {
		if !eventForm.MatchString(e) {
			out = append(out, edge.FieldError{Field: "events[" + strconv.Itoa(i) + "]", Message: "an event such as lead.qualified is expected"})
		}
	}
	return out
}

type webhookBody struct {
	ID        string    `json:"id"`
	AgentID   string    `json:"agent_id"`
	URL       string    `json:"url"`
	Events    []string  `json:"events"`
	Status    string    `json:"status"`
	Secret    string    `json:"secret,omitempty"` // only one that was made here, and only now
	CreatedAt time.Time `json:"created_at"`
}

func (d dialect) registerWebhook(ctx context.Context, c tenant.Caller, in webhookRequest) (webhookBody, error) {
	w, secret, err := d.ops.SaveWebhook(ctx, c, webhook.Spec{
		Agent: ingest.AgentID(in.Agent), URL: in.URL, Events: in.Events, Format: "convoai", Secret: in.Secret,
	})
	if in.Secret != "" {
		secret = ""
	}
	return webhookBody{w.ID, in.Agent, w.URL, w.Events, "active", secret, seconds(w.CreatedAt)}, err
}

// seconds is a time as the document prints it: UTC, without fractions.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
