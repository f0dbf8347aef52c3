package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// maxKnowledgeBytes bounds a request that bears an article: ten megabytes of
// document in base64, and what is around it.
const maxKnowledgeBytes = 14 << 20

type articleRequest struct {
	Title     string   `json:"title" required:"true" maxLength:"300" example:"Parking"`
	Content   string   `json:"content" doc:"The text; white space around it is dropped. Give this or data." example:"Free parking behind the building."`
	Data      string   `json:"data" doc:"A PDF or DOCX file in base64."`
	Type      string   `json:"type" enum:"text,markdown,html,faq,pdf,docx" doc:"How the content is to be read; text, if left out."`
	Questions []string `json:"questions" max:"100" maxLength:"500" doc:"Phrasings that the article is the answer to."`
	Language  string   `json:"language" maxLength:"3" doc:"Found out from the text, if left out." example:"en"`
	AgentID   string   `json:"agent_id" maxLength:"64" doc:"The one agent that knows it; all of them, if left out."`
	Source    string   `json:"source" maxLength:"1000" doc:"Where it came from; kept, not read."`
	file      []byte
}

// Check holds type, content and file together.
func (in *articleRequest) Check() []edge.FieldError {
	document := in.Type == string(kb.PDF) || in.Type == string(kb.DOCX)
	switch {
	case document && in.Data == "":
		return []edge.FieldError{{Field: "data", Message: "is missing; it is the file in base64"}}
	case !document && in.Data != "":
		return []edge.FieldError{{Field: "data", Message: "belongs to types pdf and docx"}}
	case !document && in.Content == "":
		return []edge.FieldError{{Field: "content", Message: "is missing"}}
	case document && in.Content != "":
		return []edge.FieldError{{Field: "content", Message: "stands beside data; give one of the two"}}
	}
	file, err := base64.StdEncoding.DecodeString(in.Data)
	if err != nil {
		return []edge.FieldError{{Field: "data", Message: "base64 is expected"}}
	}
	in.file = file
	return nil
}

func (in *articleRequest) draft() kb.Draft {
	d := kb.Draft{
		Agent: ingest.AgentID(in.AgentID), Title: in.Title, Content: in.Content, Type: kb.Type(in.Type),
		Questions: in.Questions, Language: in.Language, Source: in.Source,
	}
	if len(in.file) > 0 {
		d.Data = in.file
	}
	return d
}

type replaceArticleRequest struct {
	ID string `json:"-" path:"id" maxLength:"64"`
	articleRequest
}

type articleResponse struct {
	ID        string    `json:"id" example:"art_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number    int64     `json:"number"`
	AgentID   string    `json:"agent_id,omitempty"`
	Title     string    `json:"title"`
	Content   string    `json:"content" doc:"As text: what was read from HTML, PDF and DOCX."`
	Type      string    `json:"type" enum:"text,markdown,html,faq,pdf,docx"`
	Questions []string  `json:"questions"`
	Language  string    `json:"language,omitempty"`
	Source    string    `json:"source,omitempty"`
	Version   int       `json:"version" doc:"Counts up with each change."`
	Passages  int       `json:"passages" doc:"Pieces in which it is searched."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// createdArticle is 201 for a new article, 200 for one replaced.
type createdArticle struct {
	articleResponse
	replaced bool
}

func (a createdArticle) status() int {
	if a.replaced {
		return http.StatusOK
	}
	return http.StatusCreated
}

func toArticle(a kb.Article) articleResponse {
	out := articleResponse{
		ID: string(a.ID), Number: a.Number, AgentID: string(a.Agent), Title: a.Title, Content: a.Content, Type: string(a.Type),
		Questions: a.Questions, Language: a.Language, Source: a.Source, Version: a.Version, Passages: a.Passages,
		CreatedAt: a.CreatedAt.UTC(), UpdatedAt: a.UpdatedAt.UTC(),
	}
	if out.Questions == nil {
		out.Questions = []string{}
	}
	return out
}

type articleFilter struct {
	paging
	AgentID string `json:"-" query:"agent_id" maxLength:"64" doc:"What this agent knows: its own and the common ones."`
	Type    string `json:"-" query:"type" enum:"text,markdown,html,faq,pdf,docx"`
	Query   string `json:"-" query:"query" maxLength:"200" doc:"Part of the title."`
}

type searchRequest struct {
	Query    string `json:"-" query:"q" required:"true" maxLength:"1000" doc:"The question." example:"Where can I park?"`
	Language string `json:"-" query:"language" maxLength:"3"`
	AgentID  string `json:"-" query:"agent_id" maxLength:"64"`
	Limit    int    `json:"-" query:"limit" min:"1" max:"50" doc:"How many, 5 unless told."`
}

type hitResponse struct {
	ArticleID string  `json:"article_id"`
	PassageID string  `json:"passage_id"`
	Title     string  `json:"title"`
	Heading   string  `json:"heading,omitempty"`
	Text      string  `json:"text"`
	Score     float64 `json:"score" doc:"Comparable within one answer only."`
}

func toHits(hits []kb.Hit) []hitResponse {
	out := []hitResponse{}
	for _, h := range hits {
		out = append(out, hitResponse{string(h.Article), string(h.Passage), h.Title, h.Heading, h.Text, h.Score})
	}
	return out
}

type gapResponse struct {
	ID       string    `json:"id" example:"gap_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Question string    `json:"question" doc:"As first asked." example:"Is there a playground?"`
	Examples []string  `json:"examples" doc:"Other wordings, newest first, at most five."`
	Language string    `json:"language,omitempty"`
	Count    int64     `json:"count" doc:"How often it was asked."`
	FirstAt  time.Time `json:"first_at"`
	LastAt   time.Time `json:"last_at"`
}

func toGap(g kb.Gap) gapResponse {
	out := gapResponse{g.ID, g.Question, g.Examples, g.Language, g.Count, g.FirstAt.UTC(), g.LastAt.UTC()}
	if out.Examples == nil {
		out.Examples = []string{}
	}
	return out
}

func knowledgeRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "knowledge:read", "knowledge:write", "Knowledge"
	unreadable := []string{"unreadable_document"}
	return []Route{
		Bind(Route{Method: "POST", Path: "/v1/knowledge", ID: "createArticle", Tag: tag, Scope: write, Class: tenant.Knowledge, Status: 201,
			MaxBodyBytes: maxKnowledgeBytes, Timeout: 30 * time.Second, Faults: unreadable, Summary: "Push an article",
			Doc: "An article of the same agent and title is replaced, and the answer is then 200. It can be found once this returns."},
			func(ctx context.Context, c tenant.Caller, in articleRequest) (createdArticle, error) {
				a, created, err := ops.CreateArticle(ctx, c, in.draft())
				return createdArticle{toArticle(a), !created}, err
			}),
		BindList(Route{Method: "GET", Path: "/v1/knowledge", ID: "listArticles", Tag: tag, Scope: read, Summary: "List articles"},
			func(ctx context.Context, c tenant.Caller, in articleFilter) (page[articleResponse], error) {
				p, err := ops.Articles(ctx, c, kb.Filter{Agent: ingest.AgentID(in.AgentID), Type: kb.Type(in.Type), Query: in.Query, Limit: in.Limit, After: in.Cursor})
				return pageOf(p, toArticle), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/knowledge/search", ID: "searchKnowledge", Tag: tag, Scope: read, Summary: "Search the knowledge"},
			func(ctx context.Context, c tenant.Caller, in searchRequest) ([]hitResponse, error) {
				hits, err := ops.Search(ctx, c, kb.Query{Text: in.Query, Language: in.Language, Agent: ingest.AgentID(in.AgentID), Limit: in.Limit})
				return toHits(hits), err
			}),
		BindList(Route{Method: "GET", Path: "/v1/knowledge/gaps", ID: "listKnowledgeGaps", Tag: tag, Scope: read, Summary: "List what could not be answered",
			Doc: "Questions of customers that no article answers, the most asked first. Questions alike are one gap."},
			func(ctx context.Context, c tenant.Caller, in paging) (page[gapResponse], error) {
				p, err := ops.Gaps(ctx, c, kb.GapFilter{Limit: in.Limit, After: in.Cursor})
				return pageOf(p, toGap), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/knowledge/{id}", ID: "getArticle", Tag: tag, Scope: read, Summary: "Get an article"},
			func(ctx context.Context, c tenant.Caller, in byID) (articleResponse, error) {
				a, err := ops.Article(ctx, c, ingest.ArticleID(in.ID))
				return toArticle(a), err
			}),
		Bind(Route{Method: "PUT", Path: "/v1/knowledge/{id}", ID: "replaceArticle", Tag: tag, Scope: write, Class: tenant.Knowledge,
			MaxBodyBytes: maxKnowledgeBytes, Timeout: 30 * time.Second, Faults: unreadable, Summary: "Replace an article",
			Doc: "What stood there before is in no answer once this returns."},
			func(ctx context.Context, c tenant.Caller, in replaceArticleRequest) (articleResponse, error) {
				d := in.draft()
				d.ID = ingest.ArticleID(in.ID)
				a, err := ops.ReplaceArticle(ctx, c, d)
				return toArticle(a), err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/knowledge/{id}", ID: "deleteArticle", Tag: tag, Scope: write, Class: tenant.Knowledge, Status: 204, Summary: "Delete an article",
			Doc: "It is in no answer once this returns."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.DeleteArticle(ctx, c, ingest.ArticleID(in.ID))
			}),
	}
}
