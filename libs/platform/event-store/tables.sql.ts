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
  last_occurred_at timestamptz NOT NULL,
  last_recorded_at timestamptz NOT NULL,
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
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
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

/** Numeric key of an advisory lock: locks are taken in this order, so no two appends can deadlock. */
const appendFunction = /* sql */ `
CREATE FUNCTION es_append(
  item_tenant uuid[], item_command uuid[], item_hash text[], item_result text[],
  st_item int[], st_id text[], st_shard smallint[], st_expected bigint[],
  ev_stream int[], ev_id uuid[], ev_type text[], ev_schema int[],
  ev_data text[], ev_meta text[], ev_key text[], ev_occurred bigint[],
  key_item int[], key_subject uuid[], key_version int[], key_wrapped text[]
) RETURNS TABLE (
  item int, status text, epoch int, xid text, pos bigint, shard smallint,
  stream text, actual bigint, hash text, result text
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $body$
#variable_conflict use_column
DECLARE
  items CONSTANT int := cardinality(item_tenant);
  streams CONSTANT int := coalesce(cardinality(st_item), 0);
  events CONSTANT int := coalesce(cardinality(ev_stream), 0);
  epoch_now int;
  xid_now xid8;
  now_at bigint;
  i int; s int; e int := 1;
  seen record;
  st_version bigint[]; st_hash bytea[]; st_occurred bigint[]; st_recorded bigint[];
  item_status text[] := array_fill('appended'::text, ARRAY[items]);
  item_stream text[] := array_fill(NULL::text, ARRAY[items]);
  item_actual bigint[] := array_fill(NULL::bigint, ARRAY[items]);
  item_pos bigint[] := array_fill(0::bigint, ARRAY[items]);
  item_shard smallint[] := array_fill(0::smallint, ARRAY[items]);
  out_version bigint[] := array_fill(NULL::bigint, ARRAY[greatest(events, 1)]);
  out_pos bigint[] := array_fill(NULL::bigint, ARRAY[greatest(events, 1)]);
  out_prev bytea[] := array_fill(NULL::bytea, ARRAY[greatest(events, 1)]);
  out_hash bytea[] := array_fill(NULL::bytea, ARRAY[greatest(events, 1)]);
  out_occurred bigint[] := array_fill(NULL::bigint, ARRAY[greatest(events, 1)]);
  out_recorded bigint[] := array_fill(NULL::bigint, ARRAY[greatest(events, 1)]);
  written boolean[] := array_fill(false, ARRAY[greatest(streams, 1)]);
  version bigint; previous bytea; occurred bigint; recorded bigint; next_pos bigint;
  any_appended boolean := false;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'es_append needs READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
    RAISE EXCEPTION 'es_append needs a transaction that has not written yet' USING ERRCODE = '25001';
  END IF;

  -- Every lock before any transaction id exists: this is what makes (xid, pos) agree with the
  -- order within each stream.
  PERFORM pg_advisory_xact_lock_shared(7331, k)
    FROM (SELECT DISTINCT hashtext(t::text) AS k FROM unnest(item_tenant) t ORDER BY 1) locks;
  PERFORM pg_advisory_xact_lock(k) FROM (
    SELECT k FROM (
      SELECT hashtextextended('c' || t::text || c::text, 0) AS k
        FROM unnest(item_tenant, item_command) AS u(t, c)
      UNION
      SELECT hashtextextended('s' || item_tenant[i]::text || s, 0) FROM unnest(st_item, st_id) AS u(i, s)
      UNION
      SELECT hashtextextended('k' || item_tenant[i]::text || k::text, 0)
        FROM unnest(key_item, key_subject) AS u(i, k)
    ) keys ORDER BY k
  ) locks;

  -- Statements of their own from here on, so that each sees what was committed before the locks.
  FOR seen IN
    SELECT u.n, c.request_hash = decode(item_hash[u.n], 'hex') AS same,
           c.epoch, c.xid::text AS xid, c.pos, c.shard, c.result, encode(c.request_hash, 'hex') AS hash
      FROM unnest(item_tenant, item_command) WITH ORDINALITY AS u(t, c, n)
      JOIN es_command c ON c.tenant_id = u.t AND c.command_id = u.c
  LOOP
    item_status[seen.n] := CASE WHEN seen.same THEN 'duplicate' ELSE 'reused' END;
    IF seen.same THEN
      item := seen.n; status := 'duplicate'; epoch := seen.epoch; xid := seen.xid; pos := seen.pos;
      shard := seen.shard; result := seen.result; hash := seen.hash; stream := NULL; actual := NULL;
      RETURN NEXT;
    END IF;
  END LOOP;

  IF streams > 0 THEN
    SELECT array_agg(coalesce(h.version, 0) ORDER BY u.n),
           array_agg(coalesce(h.head_hash, '\\x0000000000000000000000000000000000000000000000000000000000000000'::bytea) ORDER BY u.n),
           array_agg(coalesce((extract(epoch FROM h.last_occurred_at) * 1000)::bigint, 0) ORDER BY u.n),
           array_agg(coalesce((extract(epoch FROM h.last_recorded_at) * 1000)::bigint, 0) ORDER BY u.n)
      INTO st_version, st_hash, st_occurred, st_recorded
      FROM unnest(st_item, st_id) WITH ORDINALITY AS u(i, s, n)
      LEFT JOIN es_stream h ON h.tenant_id = item_tenant[u.i] AND h.stream_id = u.s;
  END IF;

  FOR s IN 1..streams LOOP
    i := st_item[s];
    IF item_status[i] = 'appended' AND NOT (CASE st_expected[s]
         WHEN -1 THEN st_version[s] > 0 WHEN -2 THEN true ELSE st_version[s] = st_expected[s] END)
    THEN
      item_status[i] := 'conflict'; item_stream[i] := st_id[s]; item_actual[i] := st_version[s];
    END IF;
  END LOOP;

  FOR seen IN
    SELECT u.i, u.k FROM unnest(key_item, key_subject, key_version) AS u(i, k, v)
      JOIN es_subject_key e ON e.tenant_id = item_tenant[u.i] AND e.subject_id = u.k AND e.version >= u.v
  LOOP
    IF item_status[seen.i] = 'appended' THEN
      item_status[seen.i] := 'keyConflict'; item_stream[seen.i] := seen.k::text;
    END IF;
  END LOOP;

  any_appended := 'appended' = ANY (item_status);
  IF any_appended THEN
    SELECT max(p.epoch) INTO epoch_now FROM es_epoch p;
    -- From here on this transaction has an id.
    xid_now := pg_current_xact_id();
    now_at := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    FOR e IN 1..events LOOP
      s := ev_stream[e]; i := st_item[s];
      CONTINUE WHEN item_status[i] <> 'appended';
      recorded := greatest(now_at, st_recorded[s]);
      occurred := greatest(coalesce(ev_occurred[e], recorded), st_occurred[s]);
      version := st_version[s] + 1;
      previous := st_hash[s];
      next_pos := nextval('es_pos');
      st_version[s] := version; st_recorded[s] := recorded; st_occurred[s] := occurred;
      st_hash[s] := sha256(previous || convert_to(concat_ws(E'\\n',
        item_tenant[i], st_id[s], version, ev_id[e], item_command[i], ev_type[e], ev_schema[e],
        coalesce(ev_key[e], ''), occurred, recorded), 'UTF8')
        || sha256(convert_to(ev_data[e], 'UTF8')) || sha256(convert_to(ev_meta[e], 'UTF8')));
      out_version[e] := version; out_pos[e] := next_pos; out_prev[e] := previous;
      out_hash[e] := st_hash[s]; out_occurred[e] := occurred; out_recorded[e] := recorded;
      item_pos[i] := next_pos; item_shard[i] := st_shard[s]; written[s] := true;
    END LOOP;

    INSERT INTO es_event (tenant_id, stream_id, version, epoch, xid, pos, shard, event_id, command_id,
        type, schema_version, data, meta, key_id, prev_hash, hash, occurred_at, recorded_at)
      SELECT item_tenant[st_item[st]], st_id[st], v, epoch_now, xid_now, p, st_shard[st], id,
             item_command[st_item[st]], ty, sv, da, me, ke, pr, ha,
             'epoch'::timestamptz + oc * interval '1 millisecond',
             'epoch'::timestamptz + re * interval '1 millisecond'
        FROM unnest(ev_stream, out_version, out_pos, ev_id, ev_type, ev_schema, ev_data, ev_meta,
                    ev_key, out_prev, out_hash, out_occurred, out_recorded)
             AS u(st, v, p, id, ty, sv, da, me, ke, pr, ha, oc, re)
       WHERE v IS NOT NULL;

    INSERT INTO es_stream AS t (tenant_id, stream_id, category, shard, version, head_hash,
        last_occurred_at, last_recorded_at)
      SELECT item_tenant[i], id, split_part(id, '-', 1), sh, v, ha,
             'epoch'::timestamptz + oc * interval '1 millisecond',
             'epoch'::timestamptz + re * interval '1 millisecond'
        FROM unnest(st_item, st_id, st_shard, st_version, st_hash, st_occurred, st_recorded, written)
             AS u(i, id, sh, v, ha, oc, re, w)
       WHERE w
      ON CONFLICT (tenant_id, stream_id) DO UPDATE SET version = excluded.version,
        head_hash = excluded.head_hash, last_occurred_at = excluded.last_occurred_at,
        last_recorded_at = excluded.last_recorded_at;

    IF cardinality(key_item) > 0 THEN
      INSERT INTO es_subject_key (tenant_id, subject_id, version, wrapped)
        SELECT item_tenant[k], su, ve, wr FROM unnest(key_item, key_subject, key_version, key_wrapped)
               AS u(k, su, ve, wr)
         WHERE item_status[k] = 'appended';
    END IF;

    INSERT INTO es_command (tenant_id, command_id, request_hash, result, epoch, xid, pos, shard, recorded_at)
      SELECT item_tenant[n], item_command[n], decode(item_hash[n], 'hex'), item_result[n],
             epoch_now, xid_now, item_pos[n], item_shard[n],
             'epoch'::timestamptz + now_at * interval '1 millisecond'
        FROM generate_series(1, items) AS g(n)
       WHERE item_status[n] = 'appended';
  END IF;

  FOR i IN 1..items LOOP
    CONTINUE WHEN item_status[i] = 'duplicate';
    item := i; status := item_status[i]; epoch := epoch_now; xid := xid_now::text; pos := item_pos[i];
    shard := item_shard[i]; stream := item_stream[i]; actual := item_actual[i];
    hash := NULL; result := NULL;
    RETURN NEXT;
  END LOOP;
END
$body$;
`;

/** Stored result, snapshot and tail in one call; runs with the caller's rights, under RLS. */
const loadFunction = /* sql */ `
CREATE FUNCTION es_load(tenant uuid, stream text, command uuid, key text)
RETURNS TABLE (kind text, version bigint, epoch int, xid text, pos bigint, shard smallint,
  event_id uuid, command_id uuid, type text, schema_version int, data text, meta text, key_id text,
  prev_hash text, hash text, occurred_at timestamptz, recorded_at timestamptz)
LANGUAGE plpgsql AS $body$
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

export const eventStoreFunctions = appendFunction + loadFunction;
