package operation

import (
	"context"

	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// CreateArticle keeps an article and reports whether it is a new one: an
// article of the same agent and title is replaced.
func (o *Operations) CreateArticle(ctx context.Context, caller tenant.Caller, d kb.Draft) (kb.Article, bool, error) {
	if err := o.owns(ctx, caller, d.Agent); err != nil {
		return kb.Article{}, false, err
	}
	d.ID = ""
	return o.p.Knowledge.Put(ctx, caller.Tenant, d)
}

// ReplaceArticle gives the article d.ID another content.
func (o *Operations) ReplaceArticle(ctx context.Context, caller tenant.Caller, d kb.Draft) (kb.Article, error) {
	if _, err := o.p.Knowledge.Article(ctx, caller.Tenant, d.ID); err != nil {
		return kb.Article{}, err
	}
	if err := o.owns(ctx, caller, d.Agent); err != nil {
		return kb.Article{}, err
	}
	a, _, err := o.p.Knowledge.Put(ctx, caller.Tenant, d)
	return a, err
}

// owns reports an agent that the caller does not have.
func (o *Operations) owns(ctx context.Context, caller tenant.Caller, id ingest.AgentID) error {
	if id == "" {
		return nil
	}
	_, err := o.Agent(ctx, caller, id)
	return err
}

// Article returns an article.
func (o *Operations) Article(ctx context.Context, caller tenant.Caller, id ingest.ArticleID) (kb.Article, error) {
	return o.p.Knowledge.Article(ctx, caller.Tenant, id)
}

// Articles lists articles.
func (o *Operations) Articles(ctx context.Context, caller tenant.Caller, f kb.Filter) (Page[kb.Article], error) {
	if err := o.owns(ctx, caller, f.Agent); err != nil {
		return Page[kb.Article]{}, err
	}
	items, next, err := o.p.Knowledge.Articles(ctx, caller.Tenant, f)
	return Page[kb.Article]{items, next}, err
}

// DeleteArticle removes an article; it is in no answer once this returns.
func (o *Operations) DeleteArticle(ctx context.Context, caller tenant.Caller, id ingest.ArticleID) error {
	return o.p.Knowledge.Delete(ctx, caller.Tenant, id)
}

// Search returns the passages likeliest to answer a question, best first.
func (o *Operations) Search(ctx context.Context, caller tenant.Caller, q kb.Query) ([]kb.Hit, error) {
	if err := o.owns(ctx, caller, q.Agent); err != nil {
		return nil, err
	}
	return o.p.Knowledge.Search(ctx, caller.Tenant, q)
}

// Gaps lists the questions that the knowledge could not answer, the most asked
// first.
func (o *Operations) Gaps(ctx context.Context, caller tenant.Caller, f kb.GapFilter) (Page[kb.Gap], error) {
	items, next, err := o.p.Knowledge.Gaps(ctx, caller.Tenant, f)
	return Page[kb.Gap]{items, next}, err
}
