import type { LoginRole } from '../../postgres/database.js';

/**
 * What PostgreSQL keeps while the log is in KurrentDB: where the log is and how far its copy has
 * come, and commands that are being appended. `es_claim`, `es_settle`, `es_release` and `es_copy`
 * are the only writers; they refuse a database whose log is in PostgreSQL.
 */
const tables = /* sql */ `
CREATE TABLE es_log (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  store text COLLATE "C" NOT NULL DEFAULT 'postgres' CHECK (store IN ('postgres', 'kurrentdb')),
  epoch integer NOT NULL DEFAULT 0,
  xid xid8 NOT NULL DEFAULT '0',
  pos bigint NOT NULL DEFAULT 0,
  fence bigint NOT NULL DEFAULT 0,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO es_log DEFAULT VALUES;

CREATE TABLE es_pending (
  tenant_id uuid NOT NULL,
  command_id uuid NOT NULL,
  token uuid NOT NULL,
  request_hash bytea NOT NULL,
  result text NOT NULL,
  streams text[] COLLATE "C" NOT NULL,
  request text NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, command_id)
);

CREATE TABLE es_pending_event (
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL,
  command_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX es_pending_event_command ON es_pending_event (tenant_id, command_id);
`;

const ANSWER = /* sql */ `json_build_object('status', 'duplicate', 'stored', json_build_object(
      'requestHash', encode(c.request_hash, 'hex'), 'result', c.result,
      'position', concat_ws('.', c.epoch, c.xid, c.pos, c.shard)))`;

const CLAIM = /* sql */ `'claim', json_build_object('tenantId', p.tenant_id,
      'commandId', p.command_id, 'token', p.token, 'requestHash', encode(p.request_hash, 'hex'),
      'result', p.result, 'request', p.request, 'seconds',
      extract(epoch FROM clock_timestamp() - p.claimed_at)::float8)`;

/**
 * Takes a command id for an append that follows, or says why not; \`looking\` only says. Keys of new
 * subjects are stored here, so that no event is seen before the key it needs. With \`alone\` nobody
 * else may have claimed one of the streams.
 */
const claim = /* sql */ `
CREATE OR REPLACE FUNCTION es_claim(
  looking boolean, alone boolean, tenant uuid, command uuid, hash bytea, answer text,
  named text[], written text[], event_ids uuid[], key_subject uuid[], key_version int[],
  key_wrapped text[], new_token uuid, new_request text
) RETURNS json LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp
  SET plan_cache_mode = force_generic_plan
  SET enable_seqscan = off
AS $body$
DECLARE
  log es_log;
  found json;
BEGIN
  SELECT * INTO log FROM es_log;
  IF log.store <> 'kurrentdb' THEN
    RAISE EXCEPTION 'the log of this database is in PostgreSQL' USING ERRCODE = '55000';
  END IF;
  -- All locks first, by number: no deadlock, and what follows sees what was committed before.
  PERFORM pg_advisory_xact_lock(lock) FROM (
    SELECT hashtextextended(concat('c', tenant, command), 0) AS lock
    UNION SELECT hashtextextended(concat('s', tenant, s), 0) FROM unnest(named) s
    UNION SELECT hashtextextended(concat('k', tenant, k), 0) FROM unnest(key_subject) k
    ORDER BY 1) sorted;

  SELECT CASE WHEN c.request_hash <> hash THEN json_build_object('status', 'reused')
         ELSE ${ANSWER} END
    INTO found FROM es_command c WHERE c.tenant_id = tenant AND c.command_id = command;
  IF found IS NOT NULL THEN RETURN found; END IF;
  SELECT CASE WHEN p.request_hash <> hash THEN json_build_object('status', 'reused')
         ELSE json_build_object('status', 'pending', ${CLAIM}) END
    INTO found FROM es_pending p WHERE p.tenant_id = tenant AND p.command_id = command;
  IF found IS NOT NULL THEN RETURN found; END IF;

  SELECT json_build_object('status', 'closed', 'streamId', t.stream_id, 'as', t.closed)
    INTO found FROM unnest(written) WITH ORDINALITY w(id, n)
    JOIN es_stream t ON t.tenant_id = tenant AND t.stream_id = w.id
   WHERE t.closed IS NOT NULL ORDER BY w.n LIMIT 1;
  IF found IS NOT NULL THEN RETURN found; END IF;
  IF looking THEN RETURN json_build_object('status', 'unknown'); END IF;

  IF alone THEN
    SELECT json_build_object('status', 'blocked', ${CLAIM}) INTO found FROM es_pending p
     WHERE p.tenant_id = tenant AND p.streams && named ORDER BY p.claimed_at LIMIT 1;
    IF found IS NOT NULL THEN RETURN found; END IF;
  END IF;
  SELECT json_build_object('status', 'keyConflict', 'subjectId', k.subject)
    INTO found FROM unnest(key_subject, key_version) k(subject, version)
   WHERE EXISTS (SELECT FROM es_subject_key x WHERE x.tenant_id = tenant
     AND x.subject_id = k.subject AND x.version >= k.version) LIMIT 1;
  IF found IS NOT NULL THEN RETURN found; END IF;

  INSERT INTO es_subject_key (tenant_id, subject_id, version, wrapped)
    SELECT tenant, k.* FROM unnest(key_subject, key_version, key_wrapped) k;
  IF cardinality(written) = 0 THEN
    -- Nothing to append: it stands behind all that the copy holds.
    INSERT INTO es_command (tenant_id, command_id, request_hash, result, epoch, xid, pos, shard,
        recorded_at)
      VALUES (tenant, command, hash, answer, log.epoch, log.xid, log.pos, 0, clock_timestamp());
    RETURN json_build_object('status', 'appended',
      'position', concat_ws('.', log.epoch, log.xid, log.pos, 0));
  END IF;
  INSERT INTO es_pending_event (tenant_id, event_id, command_id)
    SELECT tenant, id, command FROM unnest(event_ids) id;
  IF EXISTS (SELECT FROM unnest(event_ids) id JOIN es_event e
      ON e.tenant_id = tenant AND e.event_id = id) THEN
    RAISE EXCEPTION 'an event id was used before' USING ERRCODE = '23505';
  END IF;
  INSERT INTO es_pending (tenant_id, command_id, token, request_hash, result, streams, request)
    VALUES (tenant, command, new_token, hash, answer, named, new_request);
  RETURN json_build_object('status', 'claimed');
END
$body$;
`;

/** Stores what a command came to, once, and ends its claim; answers what is stored. */
const settle = /* sql */ `
CREATE OR REPLACE FUNCTION es_settle(
  tenant uuid, command uuid, hash bytea, answer text, at_xid text, at_pos bigint, at_shard smallint
) RETURNS json LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp
AS $body$
DECLARE
  found json;
BEGIN
  IF (SELECT l.store FROM es_log l) <> 'kurrentdb' THEN
    RAISE EXCEPTION 'the log of this database is in PostgreSQL' USING ERRCODE = '55000';
  END IF;
  INSERT INTO es_command (tenant_id, command_id, request_hash, result, epoch, xid, pos, shard,
      recorded_at)
    SELECT tenant, command, hash, answer, l.epoch, at_xid::xid8, at_pos, at_shard,
      clock_timestamp() FROM es_log l
    ON CONFLICT (tenant_id, command_id) DO NOTHING;
  DELETE FROM es_pending p WHERE p.tenant_id = tenant AND p.command_id = command;
  SELECT ${ANSWER} INTO found FROM es_command c
   WHERE c.tenant_id = tenant AND c.command_id = command;
  RETURN found;
END
$body$;
`;

/** Gives a command id free again, of which nothing was appended. */
const release = /* sql */ `
CREATE OR REPLACE FUNCTION es_release(tenant uuid, command uuid, claim_token uuid)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp
AS $body$
BEGIN
  DELETE FROM es_pending p
   WHERE p.tenant_id = tenant AND p.command_id = command AND p.token = claim_token;
  -- Another attempt of the same command may hold it by now.
  IF FOUND THEN
    DELETE FROM es_pending_event e WHERE e.tenant_id = tenant AND e.command_id = command;
  END IF;
END
$body$;
`;

/**
 * Adds the next events of the server to the copy and moves its checkpoint, in one transaction. What
 * the copy has already is passed over; anything that does not continue its streams is an error
 * (SQLSTATE CF001), and so is a writer whose lease another has taken (CF002).
 */
const copy = /* sql */ `
CREATE OR REPLACE FUNCTION es_copy(
  writer bigint, at_xid text, at_pos bigint,
  ev_tenant uuid[], ev_stream text[], ev_version bigint[], ev_xid text[], ev_pos bigint[],
  ev_shard smallint[], ev_id uuid[], ev_command uuid[], ev_type text[], ev_schema int[],
  ev_data text[], ev_meta text[], ev_key text[], ev_prev text[], ev_hash text[],
  ev_occurred bigint[], ev_recorded bigint[], ev_request text[], ev_result text[]
) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp
  SET plan_cache_mode = force_generic_plan
  SET enable_seqscan = off
AS $body$
DECLARE
  log es_log;
  events CONSTANT int := cardinality(ev_tenant);
  -- The stream of the events at hand: its end, and whether it was there before.
  this_tenant uuid; this_stream text; head bigint; chain bytea; was_there boolean;
  known bytea;
BEGIN
  SELECT * INTO log FROM es_log FOR UPDATE;
  IF log.store <> 'kurrentdb' THEN
    RAISE EXCEPTION 'the log of this database is in PostgreSQL' USING ERRCODE = '55000';
  END IF;
  IF log.fence > writer THEN
    RAISE EXCEPTION 'another process copies the log' USING ERRCODE = 'CF002';
  END IF;
  -- Row by row: each statement finds its row by the primary key, however small the tables were
  -- when its plan was made.
  FOR n IN 1..events LOOP
    IF this_tenant IS DISTINCT FROM ev_tenant[n] OR this_stream IS DISTINCT FROM ev_stream[n] THEN
      this_tenant := ev_tenant[n]; this_stream := ev_stream[n];
      SELECT t.version, t.head_hash INTO head, chain FROM es_stream t
       WHERE t.tenant_id = this_tenant AND t.stream_id = this_stream;
      was_there := FOUND;
      head := coalesce(head, 0); chain := coalesce(chain, decode(repeat('00', 32), 'hex'));
    END IF;
    IF ev_version[n] <= head THEN
      SELECT e.hash INTO known FROM es_event e WHERE e.tenant_id = this_tenant
        AND e.stream_id = this_stream AND e.version = ev_version[n];
    END IF;
    IF (ev_version[n] <= head AND known IS DISTINCT FROM decode(ev_hash[n], 'hex'))
        OR ev_version[n] > head + 1
        OR (ev_version[n] = head + 1 AND chain <> decode(ev_prev[n], 'hex')) THEN
      RAISE EXCEPTION 'the server and the copy of the log differ at % revision % of tenant %',
        this_stream, ev_version[n], this_tenant USING ERRCODE = 'CF001';
    END IF;
    IF ev_version[n] > head THEN
      INSERT INTO es_event (tenant_id, stream_id, version, epoch, xid, pos, shard, event_id,
          command_id, type, schema_version, data, meta, key_id, prev_hash, hash, occurred_at,
          recorded_at)
        VALUES (this_tenant, this_stream, ev_version[n], log.epoch, ev_xid[n]::xid8, ev_pos[n],
          ev_shard[n], ev_id[n], ev_command[n], ev_type[n], ev_schema[n], ev_data[n], ev_meta[n],
          ev_key[n], chain, decode(ev_hash[n], 'hex'),
          to_timestamp(ev_occurred[n]::float8 / 1000), to_timestamp(ev_recorded[n]::float8 / 1000));
      head := ev_version[n]; chain := decode(ev_hash[n], 'hex');
      -- Once for events of a stream that follow each other.
      IF n < events AND ev_tenant[n + 1] = this_tenant AND ev_stream[n + 1] = this_stream
          AND ev_version[n + 1] = head + 1 THEN
        NULL;
      ELSIF was_there THEN
        UPDATE es_stream t SET version = head, head_hash = chain,
            last_occurred_at = to_timestamp(ev_occurred[n]::float8 / 1000),
            last_recorded_at = to_timestamp(ev_recorded[n]::float8 / 1000)
          WHERE t.tenant_id = this_tenant AND t.stream_id = this_stream;
      ELSE
        INSERT INTO es_stream (tenant_id, stream_id, category, shard, version, head_hash,
            last_occurred_at, last_recorded_at)
          VALUES (this_tenant, this_stream, split_part(this_stream, '-', 1), ev_shard[n], head,
            chain, to_timestamp(ev_occurred[n]::float8 / 1000),
            to_timestamp(ev_recorded[n]::float8 / 1000));
        was_there := true;
      END IF;
    END IF;
    DELETE FROM es_pending_event x WHERE x.tenant_id = this_tenant AND x.event_id = ev_id[n];
    -- The last event of a command says what it came to: who appended it may not have lived to.
    IF ev_result[n] IS NOT NULL THEN
      INSERT INTO es_command (tenant_id, command_id, request_hash, result, epoch, xid, pos, shard,
          recorded_at)
        VALUES (this_tenant, ev_command[n], decode(ev_request[n], 'hex'), ev_result[n], log.epoch,
          ev_xid[n]::xid8, ev_pos[n], ev_shard[n],
          to_timestamp(ev_recorded[n]::float8 / 1000))
        ON CONFLICT (tenant_id, command_id) DO NOTHING;
      DELETE FROM es_pending p
       WHERE p.tenant_id = this_tenant AND p.command_id = ev_command[n];
    END IF;
  END LOOP;
  UPDATE es_log SET fence = writer, xid = at_xid::xid8, pos = at_pos,
    updated_at = clock_timestamp() WHERE one AND (xid, pos) <= (at_xid::xid8, at_pos);
END
$body$;
`;

export const kurrentDbTables = tables + claim + settle + release + copy;

/** Functions that run with their owner's rights, and the roles that may call them. */
export const kurrentDbFunctions: readonly (readonly [name: string, ...callers: LoginRole[]])[] = [
  ['es_claim', 'api'],
  ['es_settle', 'api', 'projector'],
  ['es_release', 'api', 'projector'],
  ['es_copy', 'projector'],
];
