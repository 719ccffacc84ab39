/** Links that are good once: only a hash of each is kept, and what it stands for is sealed. */
export const oneTimeTokenTables = `
CREATE TABLE auth_one_time_token (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  subject_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  detail text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX auth_one_time_token_subject
  ON auth_one_time_token (tenant_id, subject_id, purpose, created_at);
CREATE INDEX auth_one_time_token_expiry ON auth_one_time_token (tenant_id, expires_at);
`;
