/**
 * One call appends a group of items, each all or nothing, and answers with one outcome per item as
 * JSON. Streams and keys name their item, events their stream; all come in that order. Unless
 * `patient`, an item whose tenant is locked by an import answers `busy` instead of waiting.
 *
 * Plans are generic and never scan a table: a connection makes them once, however small the
 * tables were at that moment.
 */
export const appendFunction = /* sql */ `
CREATE OR REPLACE FUNCTION es_append(
  patient boolean,
  item_tenant uuid[], item_command uuid[], item_hash bytea[], item_result text[],
  st_item int[], st_id text[], st_shard smallint[], st_expected bigint[],
  ev_stream int[], ev_id uuid[], ev_type text[], ev_schema int[],
  ev_data text[], ev_meta text[], ev_key text[], ev_occurred bigint[],
  key_item int[], key_subject uuid[], key_version int[], key_wrapped text[]
) RETURNS json LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp
  SET plan_cache_mode = force_generic_plan
  SET enable_seqscan = off
AS $body$
DECLARE
  items CONSTANT int := cardinality(item_tenant);
  streams CONSTANT int := cardinality(st_item);
  events CONSTANT int := cardinality(ev_stream);
  keys CONSTANT int := cardinality(key_item);
  outcomes json[] := array_fill(NULL::json, ARRAY[items]);
  outcome json;
  locks bigint[];
  nothing text;
  -- The next stream, event and key to be looked at, and an item's first stream.
  s int := 1; e int := 1; k int := 1; first int;
  tenant uuid; command uuid; name text;
  this_epoch int; this_xid xid8; this_pos bigint; this_shard smallint;
  -- What each stream was before: version, hash and both times in milliseconds.
  was_version bigint[]; was_hash bytea[]; was_occurred bigint[]; was_recorded bigint[];
  revision bigint; as_closed text; previous bytea; chain bytea; occurred bigint; recorded bigint; clock bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'es_append needs READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
    RAISE EXCEPTION 'es_append needs a transaction that has not written yet' USING ERRCODE = '25001';
  END IF;

  -- Every lock before any transaction id exists: this is what makes (xid, pos) agree with the
  -- order within each stream. Tenants first, then the rest by number: no deadlock.
  FOR i IN 1..items LOOP
    IF tenant IS DISTINCT FROM item_tenant[i] THEN
      tenant := item_tenant[i];
      IF patient THEN
        nothing := pg_advisory_xact_lock_shared(7331, hashtext(tenant::text));
      END IF;
    END IF;
    IF NOT patient AND NOT pg_try_advisory_xact_lock_shared(7331, hashtext(tenant::text)) THEN
      outcomes[i] := json_build_object('status', 'busy');
    END IF;
    locks[i] := hashtextextended(concat('c', tenant, item_command[i]), 0);
  END LOOP;
  FOR n IN 1..streams LOOP
    locks := locks || hashtextextended(concat('s', item_tenant[st_item[n]], st_id[n]), 0);
  END LOOP;
  FOR n IN 1..keys LOOP
    locks := locks || hashtextextended(concat('k', item_tenant[key_item[n]], key_subject[n]), 0);
  END LOOP;
  PERFORM pg_advisory_xact_lock(lock) FROM (SELECT unnest(locks) AS lock ORDER BY 1) sorted;

  -- Statements of their own from here on: each sees what was committed before the locks.
  -- Rounded down: an event that was answered is never later than whoever asks next.
  clock := floor(extract(epoch FROM clock_timestamp()) * 1000);
  FOR i IN 1..items LOOP
    tenant := item_tenant[i]; command := item_command[i]; outcome := outcomes[i]; first := s;
    IF outcome IS NULL THEN
      SELECT CASE WHEN c.request_hash <> item_hash[i] THEN json_build_object('status', 'reused')
             ELSE json_build_object('status', 'duplicate', 'stored', json_build_object(
               'requestHash', encode(c.request_hash, 'hex'), 'result', c.result,
               'position', concat_ws('.', c.epoch, c.xid, c.pos, c.shard))) END
        INTO outcome FROM es_command c WHERE c.tenant_id = tenant AND c.command_id = command;
    END IF;

    WHILE s <= streams AND st_item[s] = i LOOP
      IF outcome IS NULL THEN
        SELECT h.version, h.head_hash, (extract(epoch FROM h.last_occurred_at) * 1000)::bigint,
               (extract(epoch FROM h.last_recorded_at) * 1000)::bigint, h.closed
          INTO revision, chain, occurred, recorded, as_closed
          FROM es_stream h WHERE h.tenant_id = tenant AND h.stream_id = st_id[s];
        was_version[s] := revision; was_hash[s] := chain;
        was_occurred[s] := occurred; was_recorded[s] := recorded;
        revision := coalesce(revision, 0);
        IF NOT (CASE st_expected[s] WHEN -1 THEN revision > 0 WHEN -2 THEN true
                ELSE revision = st_expected[s] END) THEN
          outcome := json_build_object(
            'status', 'conflict', 'streamId', st_id[s], 'actual', revision);
        END IF;
        -- Of a closed stream an append may only check the version.
        IF as_closed IS NOT NULL AND s = ANY (ev_stream) THEN
          outcome := json_build_object('status', 'closed', 'streamId', st_id[s], 'as', as_closed);
        END IF;
      END IF;
      s := s + 1;
    END LOOP;

    WHILE k <= keys AND key_item[k] = i LOOP
      IF outcome IS NULL AND EXISTS (SELECT FROM es_subject_key x WHERE x.tenant_id = tenant
           AND x.subject_id = key_subject[k] AND x.version >= key_version[k]) THEN
        outcome := json_build_object('status', 'keyConflict', 'subjectId', key_subject[k]);
      END IF;
      k := k + 1;
    END LOOP;

    -- Nothing of a refused item is written, so its neighbours need no rollback.
    IF outcome IS NOT NULL THEN
      outcomes[i] := outcome;
      WHILE e <= events AND ev_stream[e] < s LOOP
        e := e + 1;
      END LOOP;
      CONTINUE;
    END IF;

    IF this_xid IS NULL THEN
      SELECT max(p.epoch) INTO this_epoch FROM es_epoch p;
      this_xid := pg_current_xact_id();
    END IF;
    this_pos := 0; this_shard := 0;
    FOR n IN first..s - 1 LOOP
      CONTINUE WHEN e > events OR ev_stream[e] > n;
      name := st_id[n]; this_shard := st_shard[n];
      revision := coalesce(was_version[n], 0);
      chain := coalesce(was_hash[n], decode(repeat('00', 32), 'hex'));
      occurred := was_occurred[n];
      recorded := greatest(clock, was_recorded[n]);
      WHILE e <= events AND ev_stream[e] = n LOOP
        revision := revision + 1;
        previous := chain;
        occurred := greatest(coalesce(ev_occurred[e], recorded), occurred);
        chain := sha256(previous || convert_to(concat_ws(E'\\n', tenant, name, revision, ev_id[e],
            command, ev_type[e], ev_schema[e], coalesce(ev_key[e], ''), occurred, recorded), 'UTF8')
          || sha256(convert_to(ev_data[e], 'UTF8')) || sha256(convert_to(ev_meta[e], 'UTF8')));
        this_pos := nextval('es_pos');
        INSERT INTO es_event (tenant_id, stream_id, version, epoch, xid, pos, shard, event_id,
            command_id, type, schema_version, data, meta, key_id, prev_hash, hash, occurred_at,
            recorded_at)
          VALUES (tenant, name, revision, this_epoch, this_xid, this_pos, this_shard, ev_id[e],
            command, ev_type[e], ev_schema[e], ev_data[e], ev_meta[e], ev_key[e], previous, chain,
            to_timestamp(occurred::float8 / 1000), to_timestamp(recorded::float8 / 1000));
        e := e + 1;
      END LOOP;
      IF was_version[n] IS NULL THEN
        INSERT INTO es_stream (tenant_id, stream_id, category, shard, version, head_hash,
            last_occurred_at, last_recorded_at)
          VALUES (tenant, name, split_part(name, '-', 1), this_shard, revision, chain,
            to_timestamp(occurred::float8 / 1000), to_timestamp(recorded::float8 / 1000));
      ELSE
        UPDATE es_stream t SET version = revision, head_hash = chain,
            last_occurred_at = to_timestamp(occurred::float8 / 1000),
            last_recorded_at = to_timestamp(recorded::float8 / 1000)
          WHERE t.tenant_id = tenant AND t.stream_id = name;
      END IF;
    END LOOP;
    FOR n IN 1..keys LOOP
      CONTINUE WHEN key_item[n] <> i;
      INSERT INTO es_subject_key (tenant_id, subject_id, version, wrapped)
        VALUES (tenant, key_subject[n], key_version[n], key_wrapped[n]);
    END LOOP;
    INSERT INTO es_command (tenant_id, command_id, request_hash, result, epoch, xid, pos, shard,
        recorded_at)
      VALUES (tenant, command, item_hash[i], item_result[i], this_epoch, this_xid, this_pos,
        this_shard, to_timestamp(clock::float8 / 1000));
    outcomes[i] := json_build_object('status', 'appended',
      'position', concat_ws('.', this_epoch, this_xid, this_pos, this_shard));
  END LOOP;
  RETURN array_to_json(outcomes);
END
$body$;
`;
