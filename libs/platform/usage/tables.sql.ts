/** What a workspace used in a month, counted beside the requests themselves, and what it stores. */
export const usageTables = `
CREATE TABLE usage_counter (
  tenant_id uuid NOT NULL,
  month text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (tenant_id, month, kind)
) WITH (fillfactor = 50);
-- Bytes of the events below a place of the feed; whatever is missing here is counted anew.
CREATE TABLE usage_storage (
  tenant_id uuid NOT NULL PRIMARY KEY,
  bytes bigint NOT NULL,
  epoch integer NOT NULL,
  xid xid8 NOT NULL
) WITH (fillfactor = 50);
`;
