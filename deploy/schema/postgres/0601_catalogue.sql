-- What can be booked: services, the staff who perform them, the resources they
-- need. Names are the identity among those that are there; what is removed
-- keeps its row, as appointments refer to it, and frees its name.

-- +goose Up
CREATE TABLE services (
    tenant_id             text        NOT NULL,
    id                    text        NOT NULL,
    number                bigint      NOT NULL,
    name                  text        NOT NULL,
    description           text        NOT NULL DEFAULT '',
    duration_minutes      integer     NOT NULL,
    before_minutes        integer     NOT NULL DEFAULT 0,
    after_minutes         integer     NOT NULL DEFAULT 0,
    notice_minutes        integer     NOT NULL DEFAULT 0,
    horizon_days          integer     NOT NULL DEFAULT 0, -- 0 is the default
    step_minutes          integer     NOT NULL DEFAULT 0, -- 0 is the default
    price                 text        NOT NULL DEFAULT '',
    per_day               integer     NOT NULL DEFAULT 0, -- 0 is no limit
    unstaffed             boolean     NOT NULL DEFAULT false,
    needs                 text[]      NOT NULL DEFAULT '{}', -- kinds of resources
    reminders             jsonb       NOT NULL DEFAULT '[]',
    paused                boolean     NOT NULL DEFAULT false,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    removed_at            timestamptz,
    CONSTRAINT services_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT services_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT services_lasts CHECK (duration_minutes > 0 AND before_minutes >= 0 AND after_minutes >= 0)
);
CREATE UNIQUE INDEX services_name ON services (lower(name), tenant_id) WHERE removed_at IS NULL;
SELECT frontdesk_isolate('services');

-- hours is {"monday": ["08:00-12:00"]} by the clock of the tenant's zone; {} is
-- the business's. off is [{"from": "2026-12-24", "until": …, "span": …}].
CREATE TABLE staff (
    tenant_id   text        NOT NULL,
    id          text        NOT NULL,
    number      bigint      NOT NULL,
    name        text        NOT NULL,
    specialties text[]      NOT NULL DEFAULT '{}', -- names of services; {} is all that name nobody
    hours       jsonb       NOT NULL DEFAULT '{}',
    off         jsonb       NOT NULL DEFAULT '[]',
    per_day     integer     NOT NULL DEFAULT 0,
    paused      boolean     NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    removed_at  timestamptz,
    CONSTRAINT staff_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT staff_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX staff_name ON staff (lower(name), tenant_id) WHERE removed_at IS NULL;
SELECT frontdesk_isolate('staff');

CREATE TABLE resources (
    tenant_id  text        NOT NULL,
    id         text        NOT NULL,
    number     bigint      NOT NULL,
    name       text        NOT NULL,
    kind       text        NOT NULL DEFAULT '',
    hours      jsonb       NOT NULL DEFAULT '{}', -- {} is always
    off        jsonb       NOT NULL DEFAULT '[]',
    paused     boolean     NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz,
    CONSTRAINT resources_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT resources_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX resources_name ON resources (lower(name), tenant_id) WHERE removed_at IS NULL;
SELECT frontdesk_isolate('resources');

-- Who performs a service. Without rows it is all staff whose specialties name
-- the service or are empty. The row of somebody who was removed stays: a
-- service of one person who left is performed by nobody, not by everybody.
CREATE TABLE service_staff (
    tenant_id  text NOT NULL,
    service_id text NOT NULL,
    staff_id   text NOT NULL,
    CONSTRAINT service_staff_pkey PRIMARY KEY (tenant_id, service_id, staff_id),
    CONSTRAINT service_staff_service FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id),
    CONSTRAINT service_staff_staff FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id)
);
SELECT frontdesk_isolate('service_staff');

-- What a service needs, all of it.
CREATE TABLE service_resources (
    tenant_id   text NOT NULL,
    service_id  text NOT NULL,
    resource_id text NOT NULL,
    CONSTRAINT service_resources_pkey PRIMARY KEY (tenant_id, service_id, resource_id),
    CONSTRAINT service_resources_service FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id),
    CONSTRAINT service_resources_resource FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id)
);
SELECT frontdesk_isolate('service_resources');

-- frontdesk_performers returns who performs a service: the rule for service and
-- staff in one place. It runs with the rights of the caller.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_performers(tenant text, service text) RETURNS SETOF staff LANGUAGE sql STABLE AS $$
    SELECT s.* FROM staff s JOIN services v ON (v.tenant_id, v.id) = (tenant, service)
    WHERE s.tenant_id = tenant AND s.removed_at IS NULL AND NOT s.paused AND NOT v.unstaffed AND CASE
        WHEN EXISTS (SELECT FROM service_staff l WHERE (l.tenant_id, l.service_id) = (tenant, service))
            THEN EXISTS (SELECT FROM service_staff l WHERE (l.tenant_id, l.service_id, l.staff_id) = (tenant, service, s.id))
        ELSE s.specialties = '{}' OR EXISTS (SELECT FROM unnest(s.specialties) n WHERE lower(n) = lower(v.name)) END
$$;
-- +goose StatementEnd
