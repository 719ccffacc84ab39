/**
 * Workspaces that are suspended, as each processor of events knows it: it passed over what happened
 * there after this place of the feed, and comes back to it once the workspace is open again. Those
 * suspended before there was such a table stand still from where the processor is.
 */
export const standstillTables = /* sql */ `
CREATE TABLE es_standstill (
  tenant_id uuid NOT NULL,
  processor text COLLATE "C" NOT NULL,
  epoch integer NOT NULL,
  xid xid8 NOT NULL,
  pos bigint NOT NULL,
  PRIMARY KEY (tenant_id, processor)
);
INSERT INTO es_standstill (tenant_id, processor, epoch, xid, pos)
SELECT t.tenant_id, c.processor, c.epoch, c.xid, c.pos
  FROM es_checkpoint c CROSS JOIN (
    SELECT DISTINCT ON (s.tenant_id) s.tenant_id, e.type
      FROM es_stream s JOIN es_event e USING (tenant_id, stream_id)
     WHERE s.category = 'tenant' AND e.type IN ('TenantSuspended', 'TenantReactivated')
     ORDER BY s.tenant_id, e.version DESC) t
 WHERE c.shard = -10 AND c.processor LIKE 'saga:%' AND t.type = 'TenantSuspended';
`;
