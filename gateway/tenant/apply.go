package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/agent"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// agents is what applying needs of *agent.Store.
type agents interface {
	Agents(ctx context.Context, tenant ingest.TenantID) ([]agent.Agent, error)
	SaveAgent(ctx context.Context, tenant ingest.TenantID, a agent.Agent) (agent.Agent, error)
}

// articles is what applying needs of *kb.Store.
type articles interface {
	Articles(ctx context.Context, tenant ingest.TenantID, f kb.Filter) ([]kb.Article, string, error)
	Put(ctx context.Context, tenant ingest.TenantID, d kb.Draft) (kb.Article, bool, error)
	Delete(ctx context.Context, tenant ingest.TenantID, id ingest.ArticleID) error
}

// Applier puts a business's file into effect.
type Applier struct {
	store     *Store
	directory *Directory
	agents    agents
	articles  articles
}

// NewApplier returns an applier. The directory, which may be nil, knows of the
// changes when Apply returns.
func NewApplier(store *Store, directory *Directory, agents agents, articles articles) *Applier {
	return &Applier{store: store, directory: directory, agents: agents, articles: articles}
}

// ApplyOptions say how a file is applied.
type ApplyOptions struct {
	// Prune removes what the sections of the file no longer name. A section
	// that the file does not have is left alone. An agent is paused, a channel
	// taken out of use, a key revoked.
	Prune bool
	// DryRun changes nothing and tells what would be done.
	DryRun bool
}

// Applied is what applying a file did. Each change is a kind and a name:
// "channel main". Keys and Webhooks hold what is told this once.
type Applied struct {
	Tenant    ingest.TenantID
	Keys      []NewKey
	Webhooks  []NewWebhook
	Created   []string
	Changed   []string
	Unchanged []string
	Removed   []string
}

// NewKey is a key just made.
type NewKey struct{ Name, Key string }

// NewWebhook is an endpoint just made, with what verifies its deliveries.
type NewWebhook struct{ URL, Secret, PublicKey string }

func (a *Applied) note(c change, kind, name string) {
	switch what := kind + " " + name; c {
	case created:
		a.Created = append(a.Created, what)
	case changed:
		a.Changed = append(a.Changed, what)
	default:
		a.Unchanged = append(a.Unchanged, what)
	}
}

func (a *Applied) removed(kind string, names ...string) {
	for _, n := range names {
		a.Removed = append(a.Removed, kind+" "+n)
	}
}

// Apply creates or changes the business that file describes. What is wrong
// with the file is an *InvalidError, and then nothing was changed, unless it
// says Partly.
//
// The business, its channels and what hangs on them are one transaction. Agents
// and knowledge follow through their own stores, and keys and webhooks come in
// a last transaction, so that a secret exists only if all before it stands: it
// is told once and must not be lost with a failed answer. Where a step fails,
// those before it stay, and the same file applied again does the rest: each
// thing is found by its name.
func (a *Applier) Apply(ctx context.Context, file *File, opt ApplyOptions) (Applied, error) {
	tenant, err := a.store.claimTenant(ctx, file.Business.Slug)
	if err != nil {
		return Applied{}, fmt.Errorf("apply %s: %w", file.Business.Slug, err)
	}
	run := applying{Applier: a, file: file, opt: opt, done: Applied{Tenant: tenant}, tenant: tenant}
	for _, step := range []func(context.Context) error{run.business, run.assistants, run.knowledge, run.secrets} {
		if err := step(ctx); err != nil {
			return Applied{}, fmt.Errorf("apply %s: %w", file.Business.Slug, err)
		}
	}
	if a.directory != nil && !opt.DryRun {
		if err := a.directory.Refresh(ctx); err != nil {
			return Applied{}, fmt.Errorf("apply %s: %w", file.Business.Slug, err)
		}
	}
	return run.done, nil
}

// applying is one file being applied.
type applying struct {
	*Applier
	file     *File
	opt      ApplyOptions
	tenant   ingest.TenantID
	done     Applied
	channels map[string]ingest.ChannelID // by name
	agentIDs map[string]ingest.AgentID   // by name
	had      []agent.Agent
}

// invalid gathers what is wrong.
func invalid(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &InvalidError{Problems: problems}
}

// assistants saves the agents.
func (r *applying) assistants(ctx context.Context) error {
	r.agentIDs = map[string]ingest.AgentID{}
	for _, old := range r.had {
		r.agentIDs[old.Name] = old.ID
	}
	for _, spec := range r.file.Agents {
		i := slices.IndexFunc(r.had, func(a agent.Agent) bool { return a.Name == spec.Name })
		want, c := agent.Agent{Name: spec.Name, Status: agent.Active}, created
		if i >= 0 {
			want, c = r.had[i], changed
		}
		r.shape(&want, spec)
		if i >= 0 && sameAgent(want, r.had[i]) {
			r.done.note(unchanged, "agent", spec.Name)
			continue
		}
		r.done.note(c, "agent", spec.Name)
		if r.opt.DryRun {
			continue
		}
		saved, err := r.agents.SaveAgent(ctx, r.tenant, want)
		if err != nil {
			return fmt.Errorf("agent %q: %w", spec.Name, err)
		}
		r.agentIDs[spec.Name] = saved.ID
	}
	return r.pauseOthers(ctx)
}

func (r *applying) shape(a *agent.Agent, spec AgentSpec) {
	a.Status, a.Instructions = agent.Active, spec.Instructions
	a.Channels = nil
	for _, name := range spec.Channels {
		a.Channels = append(a.Channels, r.channels[name])
	}
	if spec.HasDebounce {
		a.Debounce = spec.Debounce.Truncate(time.Millisecond) // as the store keeps it
	} else if a.ID == "" {
		a.Debounce = defaultDebounce
	}
	a.Handoff = agent.Handoff{AfterFailures: spec.AfterFailures, Words: spec.HandoffWords}
}

func sameAgent(a, b agent.Agent) bool {
	return a.Status == b.Status && a.Instructions == b.Instructions && a.Debounce == b.Debounce &&
		slices.Equal(a.Channels, b.Channels) && a.Handoff.AfterFailures == b.Handoff.AfterFailures && slices.Equal(a.Handoff.Words, b.Handoff.Words)
}

// pauseOthers is what pruning does to agents: their conversations refer to
// them.
func (r *applying) pauseOthers(ctx context.Context) error {
	if !r.opt.Prune || !r.file.Has("agents") {
		return nil
	}
	for _, old := range r.had {
		named := slices.ContainsFunc(r.file.Agents, func(s AgentSpec) bool { return s.Name == old.Name })
		if named || old.Status == agent.Paused {
			continue
		}
		r.done.removed("agent", old.Name)
		if r.opt.DryRun {
			continue
		}
		old.Status, old.Channels = agent.Paused, nil
		if _, err := r.agents.SaveAgent(ctx, r.tenant, old); err != nil {
			return fmt.Errorf("pause agent %q: %w", old.Name, err)
		}
	}
	return nil
}

// knowledge pushes the articles.
func (r *applying) knowledge(ctx context.Context) error {
	if !r.file.Has("knowledge") {
		return nil
	}
	old, err := r.allArticles(ctx)
	if err != nil {
		return err
	}
	keep := map[ingest.ArticleID]bool{}
	for i, spec := range r.file.Knowledge {
		d := r.draft(spec)
		before, known := old[articleKey{d.Agent, d.Title}]
		keep[before.ID] = known
		c := created
		if known {
			c = changed
		}
		if known && sameArticle(before, d) {
			r.done.note(unchanged, "article", spec.Title)
			continue
		}
		if r.opt.DryRun {
			r.done.note(c, "article", spec.Title)
			continue
		}
		after, _, err := r.articles.Put(ctx, r.tenant, d)
		if errors.Is(err, kb.ErrInvalid) || errors.Is(err, kb.ErrUnreadable) {
			return &InvalidError{Problems: []Problem{{Line: spec.line, Field: fmt.Sprintf("knowledge[%d]", i), Message: err.Error()}}, Partly: true}
		}
		if err != nil {
			return fmt.Errorf("article %q: %w", spec.Title, err)
		}
		if known && after.Hash == before.Hash {
			c = unchanged
		}
		r.done.note(c, "article", spec.Title)
	}
	return r.deleteOthers(ctx, old, keep)
}

// articleKey is what names an article.
type articleKey struct {
	agent ingest.AgentID
	title string
}

func (r *applying) allArticles(ctx context.Context) (map[articleKey]kb.Article, error) {
	out := map[articleKey]kb.Article{}
	for after := ""; ; {
		page, next, err := r.articles.Articles(ctx, r.tenant, kb.Filter{Limit: 100, After: after})
		if err != nil {
			return nil, fmt.Errorf("list articles: %w", err)
		}
		for _, a := range page {
			out[articleKey{a.Agent, a.Title}] = a
		}
		if next == "" {
			return out, nil
		}
		after = next
	}
}

func (r *applying) draft(spec ArticleSpec) kb.Draft {
	return kb.Draft{
		Agent: r.agentIDs[spec.Agent], Title: spec.Title, Content: spec.Content, Data: spec.Data, Type: kb.Type(or(spec.Type, string(kb.Text))),
		Questions: spec.Questions, Language: spec.Language, Source: spec.Source,
	}
}

// sameArticle reports that a push of d would change nothing, as far as that
// can be seen without reading a document. A language that d does not name was
// found out from the text.
func sameArticle(a kb.Article, d kb.Draft) bool {
	plain := d.Type == kb.Text || d.Type == kb.Markdown || d.Type == kb.FAQ
	return plain && a.Type == d.Type && a.Content == strings.TrimSpace(d.Content) && slices.Equal(a.Questions, d.Questions) &&
		(d.Language == "" || a.Language == d.Language) && a.Source == d.Source
}

func (r *applying) deleteOthers(ctx context.Context, old map[articleKey]kb.Article, keep map[ingest.ArticleID]bool) error {
	if !r.opt.Prune {
		return nil
	}
	var gone []kb.Article
	for _, a := range old {
		if !keep[a.ID] {
			gone = append(gone, a)
		}
	}
	slices.SortFunc(gone, func(a, b kb.Article) int { return int(a.Number - b.Number) })
	for _, a := range gone {
		r.done.removed("article", a.Title)
		if r.opt.DryRun {
			continue
		}
		if err := r.articles.Delete(ctx, r.tenant, a.ID); err != nil && !errors.Is(err, kb.ErrNotFound) {
			return fmt.Errorf("remove article %s: %w", a.ID, err)
		}
	}
	return nil
}
