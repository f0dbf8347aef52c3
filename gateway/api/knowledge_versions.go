package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/kb"
)

type versionResponse struct {
	Version   int       `json:"version" example:"2"`
	Title     string    `json:"title"`
	Content   string    `json:"content"`
	Type      string    `json:"type" enum:"text,markdown,html,faq,pdf,docx"`
	Questions []string  `json:"questions"`
	Language  string    `json:"language,omitempty"`
	Source    string    `json:"source,omitempty"`
	Hash      string    `json:"hash" doc:"Of everything that an answer depends on: two versions with the same hash answer alike."`
	CreatedAt time.Time `json:"created_at"`
}

func toVersion(v kb.Version) versionResponse {
	return versionResponse{
		Version: v.Version, Title: v.Title, Content: v.Content, Type: string(v.Type), Questions: append([]string{}, v.Questions...),
		Language: v.Language, Source: v.Source, Hash: v.Hash, CreatedAt: v.CreatedAt.UTC(),
	}
}

type versionID struct {
	ID      string `json:"-" path:"id" maxLength:"64"`
	Version string `json:"-" path:"version" maxLength:"64" doc:"A number from the list of versions." example:"2"`
}

// number is the version asked for; none has the number 0.
func (in versionID) number() int {
	n, _ := strconv.Atoi(in.Version)
	return n
}

type bulkArticlesRequest struct {
	Articles []articleRequest `json:"articles" required:"true" max:"100"`
}

// Check applies the rules of one article to each.
func (in *bulkArticlesRequest) Check() []edge.FieldError {
	var out []edge.FieldError
	for i := range in.Articles {
		out = append(out, within("articles", i, in.Articles[i].Check())...)
	}
	return out
}

// Weights counts each article as if it was pushed alone.
func (in *bulkArticlesRequest) Weights() map[tenant.Class]int {
	return map[tenant.Class]int{tenant.Knowledge: len(in.Articles)}
}

// within says of the problems of an item which item it is.
func within(list string, i int, problems []edge.FieldError) []edge.FieldError {
	for j := range problems {
		problems[j].Field = fmt.Sprintf("%s[%d].%s", list, i, problems[j].Field)
	}
	return problems
}

type pushedArticleResponse struct {
	Index   int           `json:"index" doc:"Of the article in the request, from 0."`
	Status  string        `json:"status" enum:"created,updated,refused" doc:"refused: not stored, and error says why. The others are stored."`
	ID      string        `json:"id,omitempty"`
	Version int           `json:"version,omitempty"`
	Error   *itemResponse `json:"error,omitempty"`
}

// itemResponse is why one of many was refused.
type itemResponse struct {
	Code    string           `json:"code" example:"not_found"`
	Message string           `json:"message"`
	Details []detailResponse `json:"details,omitempty"`
}

type detailResponse struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// toItem tells what err is to a caller, as a whole answer would.
func toItem(err error) *itemResponse {
	f := Explain(err)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &itemResponse{Code: "unavailable", Message: "there was no time left for this one; send it again"}
	}
	if f == nil {
		return &itemResponse{Code: "internal", Message: "this one could not be done; send it again"}
	}
	out := &itemResponse{Code: f.Code, Message: f.Detail}
	for _, d := range f.Fields {
		out.Details = append(out.Details, detailResponse{d.Field, d.Message})
	}
	return out
}

func toPushed(i int, p operation.PushedArticle) pushedArticleResponse {
	out := pushedArticleResponse{Index: i, Status: "updated", ID: string(p.Article.ID), Version: p.Article.Version}
	switch {
	case p.Err != nil:
		return pushedArticleResponse{Index: i, Status: "refused", Error: toItem(p.Err)}
	case p.Created:
		out.Status = "created"
	}
	return out
}

func knowledgeVersionRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "knowledge:read", "knowledge:write", "Knowledge"
	return []Route{
		BindAll(Route{Method: "POST", Path: "/v1/knowledge/bulk", ID: "pushArticles", Tag: tag, Scope: write, Class: tenant.Bulk,
			MaxBodyBytes: maxKnowledgeBytes, Timeout: time.Minute, Summary: "Push many articles",
			Doc: "At most 100. Each is pushed as by createArticle and has its own result, in the order of the request. Pushing the same again changes nothing."},
			func(ctx context.Context, c tenant.Caller, in bulkArticlesRequest) ([]pushedArticleResponse, error) {
				drafts := make([]kb.Draft, len(in.Articles))
				for i := range in.Articles {
					drafts[i] = in.Articles[i].draft()
				}
				out := []pushedArticleResponse{}
				for i, p := range ops.PushArticles(ctx, c, drafts) {
					out = append(out, toPushed(i, p))
				}
				return out, nil
			}),
		BindAll(Route{Method: "GET", Path: "/v1/knowledge/{id}/versions", ID: "listArticleVersions", Tag: tag, Scope: read, Summary: "List an article's versions, newest first"},
			func(ctx context.Context, c tenant.Caller, in byID) ([]versionResponse, error) {
				all, err := ops.ArticleVersions(ctx, c, ingest.ArticleID(in.ID))
				return each(all, toVersion), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/knowledge/{id}/versions/{version}", ID: "getArticleVersion", Tag: tag, Scope: read, Summary: "Get a version of an article"},
			func(ctx context.Context, c tenant.Caller, in versionID) (versionResponse, error) {
				v, err := ops.ArticleVersion(ctx, c, ingest.ArticleID(in.ID), in.number())
				return toVersion(v), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/knowledge/{id}/versions/{version}/restore", ID: "restoreArticleVersion", Tag: tag, Scope: write, Class: tenant.Knowledge,
			Timeout: 30 * time.Second, Summary: "Make an earlier version the current one", Doc: "As a new version; what stood in between stays in the list."},
			func(ctx context.Context, c tenant.Caller, in versionID) (articleResponse, error) {
				a, err := ops.RestoreArticle(ctx, c, ingest.ArticleID(in.ID), in.number())
				return toArticle(a), err
			}),
	}
}
