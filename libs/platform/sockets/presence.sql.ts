/**
 * Which record each open socket looks at. Unlogged: whoever still looks after a crash says so
 * again. Rows of a process go with it, by the foreign key, once it no longer shows signs of life.
 */
export const presenceTables = `
CREATE UNLOGGED TABLE socket_process (
  id uuid PRIMARY KEY,
  seen_at timestamptz NOT NULL
);
CREATE UNLOGGED TABLE socket_presence (
  tenant_id uuid NOT NULL,
  socket_id text COLLATE "C" NOT NULL,
  process_id uuid NOT NULL REFERENCES socket_process (id) ON DELETE CASCADE,
  user_id uuid NOT NULL,
  record_type text COLLATE "C" NOT NULL,
  record_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, socket_id)
);
CREATE INDEX socket_presence_record ON socket_presence (tenant_id, record_type, record_id);
CREATE INDEX socket_presence_process ON socket_presence (process_id);
`;

export const presenceEdits = `
ALTER TABLE socket_presence ADD COLUMN edits boolean NOT NULL DEFAULT false;
`;
