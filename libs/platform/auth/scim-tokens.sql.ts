/**
 * Tokens directories sign their SCIM requests with, one per connection and only as hashes, and the
 * latest requests of each connection for whoever sets it up: no address of a person, no filter.
 */
export const scimTables = `
CREATE TABLE auth_scim_token (
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  -- The token before this one, which is good for a while after it was replaced.
  former_hash bytea,
  former_until timestamptz,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  last_used_at timestamptz,
  last_used_ip text,
  PRIMARY KEY (tenant_id, connection_id)
);

CREATE TABLE auth_scim_request (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  connection_id uuid NOT NULL,
  at timestamptz NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  status int NOT NULL,
  -- What was wrong, in words without values of the request.
  problem text,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX auth_scim_request_connection ON auth_scim_request (tenant_id, connection_id, id);
`;
