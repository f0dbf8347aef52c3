-- What a business knows: articles with their versions, the passages they are
-- cut into, and the questions nobody could answer.

-- +goose Up
CREATE EXTENSION IF NOT EXISTS btree_gin; -- tenant and words in one index

-- Counts up with each change of a tenant's knowledge, in the transaction that
-- makes it. What a replica keeps in memory is used for its generation alone.
CREATE TABLE knowledge (
    tenant_id  text   NOT NULL,
    generation bigint NOT NULL,
    CONSTRAINT knowledge_pkey PRIMARY KEY (tenant_id)
) WITH (fillfactor = 50);
SELECT frontdesk_isolate('knowledge');

CREATE TABLE articles (
    tenant_id  text        NOT NULL,
    id         text        NOT NULL,
    number     bigint      NOT NULL,
    agent_id   text        NOT NULL DEFAULT '', -- empty: all agents of the tenant
    title      text        NOT NULL,
    content    text        NOT NULL,
    type       text        NOT NULL,
    questions  text[]      NOT NULL DEFAULT '{}',
    language   text        NOT NULL DEFAULT '',
    source     text        NOT NULL DEFAULT '',
    hash       text        NOT NULL,
    version    integer     NOT NULL,
    passages   integer     NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT articles_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT articles_number UNIQUE (tenant_id, number),
    CONSTRAINT articles_type CHECK (type IN ('text', 'markdown', 'html', 'faq', 'pdf', 'docx'))
);
-- The title is the identity within an agent; without one the content is.
CREATE UNIQUE INDEX articles_title ON articles (tenant_id, agent_id, md5(title)) WHERE title <> '';
CREATE UNIQUE INDEX articles_untitled ON articles (tenant_id, agent_id, hash) WHERE title = '';
SELECT frontdesk_isolate('articles');

-- A deleted article takes its versions along: what was retracted is gone.
CREATE TABLE article_versions (
    tenant_id  text        NOT NULL,
    article_id text        NOT NULL,
    version    integer     NOT NULL,
    hash       text        NOT NULL,
    title      text        NOT NULL,
    content    text        NOT NULL,
    type       text        NOT NULL,
    questions  text[]      NOT NULL,
    language   text        NOT NULL,
    source     text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT article_versions_pkey PRIMARY KEY (tenant_id, article_id, version),
    CONSTRAINT article_versions_article FOREIGN KEY (tenant_id, article_id) REFERENCES articles (tenant_id, id) ON DELETE CASCADE
);
SELECT frontdesk_isolate('article_versions');

CREATE TABLE passages (
    tenant_id  text     NOT NULL,
    id         text     NOT NULL,
    article_id text     NOT NULL,
    agent_id   text     NOT NULL, -- the article's
    position   integer  NOT NULL,
    heading    text     NOT NULL,
    body       text     NOT NULL,
    words      tsvector NOT NULL,
    CONSTRAINT passages_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT passages_article FOREIGN KEY (tenant_id, article_id) REFERENCES articles (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX passages_by_article ON passages (tenant_id, article_id, position);
CREATE INDEX passages_words ON passages USING gin (tenant_id, words);
SELECT frontdesk_isolate('passages');

-- Vectors stand apart from the texts, so that a scan over a tenant's reads
-- nothing else. model says what made them: only those of one model are compared.
CREATE TABLE passage_vectors (
    tenant_id  text   NOT NULL,
    passage_id text   NOT NULL,
    agent_id   text   NOT NULL,
    model      text   NOT NULL,
    embedding  vector NOT NULL,
    CONSTRAINT passage_vectors_pkey PRIMARY KEY (tenant_id, passage_id),
    CONSTRAINT passage_vectors_passage FOREIGN KEY (tenant_id, passage_id) REFERENCES passages (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE passage_vectors ALTER COLUMN embedding SET STORAGE PLAIN;
SELECT frontdesk_isolate('passage_vectors');

CREATE TABLE knowledge_gaps (
    tenant_id text        NOT NULL,
    id        text        NOT NULL,
    key       text        NOT NULL, -- the telling words, by which questions are grouped
    question  text        NOT NULL,
    examples  text[]      NOT NULL DEFAULT '{}',
    language  text        NOT NULL DEFAULT '',
    count     bigint      NOT NULL DEFAULT 1,
    first_at  timestamptz NOT NULL DEFAULT now(),
    last_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT knowledge_gaps_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT knowledge_gaps_key UNIQUE (tenant_id, key)
);
CREATE INDEX knowledge_gaps_most ON knowledge_gaps (tenant_id, count DESC, id);
SELECT frontdesk_isolate('knowledge_gaps');
