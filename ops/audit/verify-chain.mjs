// DATABASE_URL=… node ops/audit/verify-chain.mjs prints where streams break, without product code.
import { createHash } from 'node:crypto';
import pg from 'pg';
const sha = (...parts) => parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();
const log = new pg.Client({ connectionString: process.env.DATABASE_URL });
await log.connect();
await log.query(`BEGIN READ ONLY; DECLARE log CURSOR FOR SELECT e.*, row_number() OVER w AS n,
  concat_ws(E'\\n', tenant_id, stream_id, e.version, event_id, command_id, type, schema_version,
    coalesce(key_id, ''), (extract(epoch FROM occurred_at) * 1000)::bigint,
    (extract(epoch FROM recorded_at) * 1000)::bigint) AS header, tenant_id, stream_id,
  e.version = row_number() OVER w AND (lead(1) OVER w IS NULL) = (hash IS NOT DISTINCT FROM head_hash)
    AND prev_hash = coalesce(lag(hash) OVER w, decode(repeat('00', 32), 'hex')) AS linked
  FROM es_stream s FULL JOIN es_event e USING (tenant_id, stream_id)
  WINDOW w AS (PARTITION BY tenant_id, stream_id ORDER BY e.version)`);
const ok = (e) => e.linked && e.hash.equals(sha(e.prev_hash, e.header, sha(e.data), sha(e.meta)));
for (let page; page?.length !== 0;) {
  page = (await log.query('FETCH 5000 FROM log')).rows;
  for (const e of page) if (!ok(e)) console.log(e.tenant_id, e.stream_id, 'breaks at', e.n);
}
await log.end();
