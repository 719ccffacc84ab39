/**
 * Keys programs sign their requests with. Only hashes of them: the key itself is shown once. That
 * one was made, replaced or revoked is in the log, on the stream of the person who holds it.
 */
export const apiKeyTables = `
CREATE TABLE auth_api_key (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  name text NOT NULL,
  scopes text[] NOT NULL,
  allowed_networks text[] NOT NULL,
  key_hash bytea NOT NULL,
  -- The key before this one, which is good for a while after it was replaced.
  former_hash bytea,
  former_until timestamptz,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  rotated_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  last_used_ip text,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX auth_api_key_user ON auth_api_key (tenant_id, user_id);
`;
