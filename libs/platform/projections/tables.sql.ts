/** Tables every read model shares; the models' own tables come from their declarations. */
export const projectionTables = /* sql */ `
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE rm_declaration (
  name text PRIMARY KEY,
  version integer NOT NULL,
  hash text NOT NULL,
  declared_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One partition per read model, so that a rebuilt model brings its part of the timeline with it.
CREATE TABLE rm_timeline (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  part smallint NOT NULL DEFAULT 0,
  record_type text COLLATE "C" NOT NULL,
  record_id uuid NOT NULL,
  record_label text,
  record_owner uuid,
  related_type text COLLATE "C",
  related_id uuid,
  revision bigint NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  actor_type text NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  changes jsonb NOT NULL,
  command_id uuid NOT NULL,
  correlation_id text NOT NULL,
  causation_id text,
  request_id text,
  ip text,
  user_agent text,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, record_type, id, part)
) PARTITION BY LIST (record_type);
CREATE INDEX rm_timeline_tenant ON rm_timeline (tenant_id, occurred_at, id);
CREATE INDEX rm_timeline_record ON rm_timeline (tenant_id, record_type, record_id, occurred_at, id);
CREATE INDEX rm_timeline_related ON rm_timeline (tenant_id, related_type, related_id, occurred_at, id)
  WHERE related_id IS NOT NULL;
CREATE INDEX rm_timeline_actor ON rm_timeline (tenant_id, actor_id, occurred_at, id);

-- Who looked at what: not facts of the business, so beside the log, and cleaned up by age.
CREATE TABLE access_log (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  record_type text COLLATE "C" NOT NULL,
  record_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  ip text,
  user_agent text,
  request_id text,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX access_log_record ON access_log (tenant_id, record_type, record_id, at);
CREATE INDEX access_log_actor ON access_log (tenant_id, actor_id, at);
CREATE INDEX access_log_at ON access_log (tenant_id, at);
`;

/** One inverted index can hold columns of several kinds. */
export const listIndexExtension = /* sql */ `CREATE EXTENSION IF NOT EXISTS btree_gin;`;
