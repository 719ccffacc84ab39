/**
 * Signed statements about the log. `content` is the very text that is signed, `entries` lists what
 * its tree was built from and serves only to name what is wrong: it is checked against the root.
 */
export const sealTables = /* sql */ `
CREATE TABLE es_seal (
  tenant_id uuid NOT NULL,
  number bigint NOT NULL,
  content text NOT NULL,
  signature text NOT NULL,
  entries bytea,
  PRIMARY KEY (tenant_id, number)
);
-- Compressed already.
ALTER TABLE es_seal ALTER COLUMN entries SET STORAGE EXTERNAL;

-- How far the feed is sealed: one row for everybody, and one for each tenant that is held back.
CREATE TABLE es_seal_place (
  scope text COLLATE "C" PRIMARY KEY,
  epoch integer NOT NULL DEFAULT 0,
  xid xid8 NOT NULL DEFAULT '0',
  pos bigint NOT NULL DEFAULT 0,
  fence bigint NOT NULL DEFAULT 0,
  reason text,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO es_seal_place (scope) VALUES ('everybody');
`;
