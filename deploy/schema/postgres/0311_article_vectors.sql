-- By what model an article's passages are embedded. Where the endpoint was away
-- as the article was pushed, or another model is configured since, they are
-- embedded anew later. The table is shared, so it names no more than ids.

-- +goose Up
CREATE TABLE article_vectors (
    tenant_id  text        NOT NULL,
    article_id text        NOT NULL,
    model      text        NOT NULL,
    retry_at   timestamptz NOT NULL DEFAULT now(), -- not tried before
    CONSTRAINT article_vectors_pkey PRIMARY KEY (tenant_id, article_id),
    CONSTRAINT article_vectors_article FOREIGN KEY (tenant_id, article_id) REFERENCES articles (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX article_vectors_of_model ON article_vectors (model, retry_at);
SELECT frontdesk_isolate('article_vectors');
SELECT frontdesk_share('article_vectors');
