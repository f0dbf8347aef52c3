package operation

import (
	"context"
	"fmt"
	"slices"

	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// ArticleVersions returns an article as it was after each change, the newest
// first.
func (o *Operations) ArticleVersions(ctx context.Context, caller tenant.Caller, id ingest.ArticleID) ([]kb.Version, error) {
	return o.p.Knowledge.Versions(ctx, caller.Tenant, id)
}

// ArticleVersion returns one of them, or ErrNotFound.
func (o *Operations) ArticleVersion(ctx context.Context, caller tenant.Caller, id ingest.ArticleID, version int) (kb.Version, error) {
	all, err := o.p.Knowledge.Versions(ctx, caller.Tenant, id)
	if err != nil {
		return kb.Version{}, err
	}
	i := slices.IndexFunc(all, func(v kb.Version) bool { return v.Version == version })
	if i < 0 {
		return kb.Version{}, fmt.Errorf("version %d: %w", version, ErrNotFound)
	}
	return all[i], nil
}

// RestoreArticle makes an earlier version the current one, as a new version.
func (o *Operations) RestoreArticle(ctx context.Context, caller tenant.Caller, id ingest.ArticleID, version int) (kb.Article, error) {
	return o.p.Knowledge.Restore(ctx, caller.Tenant, id, version)
}

// PushedArticle is what became of one draft of many.
type PushedArticle struct {
	Article kb.Article
	Created bool
	Err     error // it was not stored, for this reason
}

// PushArticles keeps drafts one after the other and tells of each what became
// of it: what has no error is stored. Pushed again, they change nothing.
func (o *Operations) PushArticles(ctx context.Context, caller tenant.Caller, drafts []kb.Draft) []PushedArticle {
	out := make([]PushedArticle, len(drafts))
	for i, d := range drafts {
		out[i].Article, out[i].Created, out[i].Err = o.CreateArticle(ctx, caller, d)
	}
	return out
}
