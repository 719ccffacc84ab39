import { appendFunction } from './append.sql.js';

/**
 * The log's tables and its only two writers of events, `es_append` and (for chunks of an import)
 * the same function under the tenant's exclusive lock. `:owner`, `:log`, `:api`, `:feed`,
 * `:projector` and `:search` are the database's own roles.
 */
export const eventStoreTables = /* sql */ `
CREATE TABLE es_epoch (
  epoch integer PRIMARY KEY,
  opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  reason text NOT NULL
);
INSERT INTO es_epoch (epoch, reason) VALUES (1, 'created');

CREATE TABLE es_stream (
  tenant_id uuid NOT NULL,
  stream_id text COLLATE "C" NOT NULL,
  category text COLLATE "C" NOT NULL,
  shard smallint NOT NULL,
  version bigint NOT NULL,
  head_hash bytea NOT NULL,
  last_occurred_at timestamptz(3) NOT NULL,
  last_recorded_at timestamptz(3) NOT NULL,
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, stream_id)
) WITH (fillfactor = 80);

CREATE SEQUENCE es_pos AS bigint CACHE 1;

CREATE TABLE es_event (
  tenant_id uuid NOT NULL,
  stream_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  epoch integer NOT NULL,
  xid xid8 NOT NULL,
  pos bigint NOT NULL,
  shard smallint NOT NULL,
  event_id uuid NOT NULL,
  command_id uuid NOT NULL,
  type text COLLATE "C" NOT NULL,
  schema_version integer NOT NULL,
  data text NOT NULL,
  meta text NOT NULL,
  key_id text COLLATE "C",
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, stream_id, version),
  UNIQUE (tenant_id, event_id)
);
CREATE INDEX es_event_feed ON es_event (epoch, xid, pos);

CREATE TABLE es_command (
  tenant_id uuid NOT NULL,
  command_id uuid NOT NULL,
  request_hash bytea NOT NULL,
  result text NOT NULL,
  epoch integer NOT NULL,
  xid xid8 NOT NULL,
  pos bigint NOT NULL,
  shard smallint NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, command_id)
);

CREATE TABLE es_snapshot (
  tenant_id uuid NOT NULL,
  stream_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  state_key text NOT NULL,
  state text NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, stream_id)
);

CREATE TABLE es_tenant_key (
  tenant_id uuid NOT NULL,
  version integer NOT NULL,
  wrapped text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, version)
);

CREATE TABLE es_subject_key (
  tenant_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  version integer NOT NULL,
  wrapped text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  destroyed_at timestamptz,
  PRIMARY KEY (tenant_id, subject_id, version)
);

CREATE TABLE es_checkpoint (
  processor text NOT NULL,
  version integer NOT NULL,
  shard smallint NOT NULL,
  epoch integer NOT NULL DEFAULT 0,
  xid xid8 NOT NULL DEFAULT '0',
  pos bigint NOT NULL DEFAULT 0,
  fence bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (processor, version, shard)
);

CREATE TABLE es_lease (
  name text PRIMARY KEY,
  holder text NOT NULL,
  fence bigint NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE es_dead_letter (
  processor text NOT NULL,
  tenant_id uuid NOT NULL,
  stream_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  reason text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (processor, tenant_id, stream_id, version)
);
`;

/**
 * Stored result, snapshot and tail in one call; runs with the caller's rights, under RLS. Stable,
 * so that all three are read as of one moment.
 */
const loadFunction = /* sql */ `
CREATE FUNCTION es_load(tenant uuid, stream text, command uuid, key text)
RETURNS TABLE (kind text, version bigint, epoch int, xid text, pos bigint, shard smallint,
  event_id uuid, command_id uuid, type text, schema_version int, data text, meta text, key_id text,
  prev_hash text, hash text, occurred_at timestamptz, recorded_at timestamptz)
LANGUAGE plpgsql STABLE AS $body$
#variable_conflict use_column
DECLARE
  base bigint := 0;
  snap record;
BEGIN
  PERFORM set_config('app.tenant', tenant::text, true);
  IF command IS NOT NULL THEN
    RETURN QUERY SELECT 'command', NULL::bigint, c.epoch, c.xid::text, c.pos, c.shard, NULL::uuid,
      c.command_id, NULL::text, NULL::int, c.result, NULL::text, NULL::text, NULL::text,
      encode(c.request_hash, 'hex'), NULL::timestamptz, c.recorded_at
      FROM es_command c WHERE c.tenant_id = tenant AND c.command_id = command;
  END IF;
  IF key IS NOT NULL THEN
    SELECT s.version, s.state INTO snap FROM es_snapshot s
     WHERE s.tenant_id = tenant AND s.stream_id = stream AND s.state_key = key;
    IF FOUND THEN
      base := snap.version;
      RETURN QUERY SELECT 'snapshot', snap.version, NULL::int, NULL::text, NULL::bigint,
        NULL::smallint, NULL::uuid, NULL::uuid, NULL::text, NULL::int, snap.state, NULL::text,
        key, NULL::text, NULL::text, NULL::timestamptz, NULL::timestamptz;
    END IF;
  END IF;
  RETURN QUERY SELECT 'event', e.version, e.epoch, e.xid::text, e.pos, e.shard, e.event_id,
    e.command_id, e.type, e.schema_version, e.data, e.meta, e.key_id, encode(e.prev_hash, 'hex'),
    encode(e.hash, 'hex'), e.occurred_at, e.recorded_at
    FROM es_event e WHERE e.tenant_id = tenant AND e.stream_id = stream AND e.version > base
    ORDER BY e.version;
END
$body$;
`;

/** A workspace that was deleted keeps the place of its keys, as an erased subject does. */
export const destroyedTenantKeys = /* sql */ `
ALTER TABLE es_tenant_key ALTER COLUMN wrapped DROP NOT NULL;
ALTER TABLE es_tenant_key ADD COLUMN destroyed_at timestamptz;
CREATE INDEX es_tenant_key_destroyed ON es_tenant_key (tenant_id) WHERE destroyed_at IS NOT NULL;
`;

/** Whether the keys of a tenant were destroyed; what its events said is nobody's any more. */
export const isDestroyed = (tenant: string) =>
  `${tenant} IN (SELECT k.tenant_id FROM es_tenant_key k WHERE k.destroyed_at IS NOT NULL)`;

export const eventStoreFunctions = appendFunction + loadFunction;

/** Streams that take no more events. */
export const closedStreams = /* sql */ `
ALTER TABLE es_stream DROP COLUMN archived_at;
ALTER TABLE es_stream ADD COLUMN closed text CHECK (closed IN ('archived', 'tombstoned'));
${appendFunction}`;
