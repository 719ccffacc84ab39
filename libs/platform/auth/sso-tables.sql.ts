/**
 * What single sign-on keeps beside the log: requests under way, assertions that were used until
 * they end by themselves, and client secrets, sealed under the tenant's key.
 */
export const ssoTables = `
CREATE TABLE auth_sso_request (
  tenant_id uuid NOT NULL,
  id text NOT NULL,
  provider_id uuid NOT NULL,
  browser_hash bytea NOT NULL,
  purpose text NOT NULL,
  user_id uuid,
  target text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  answered_at timestamptz,
  outcome text,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX auth_sso_request_expiry ON auth_sso_request (tenant_id, expires_at);

CREATE TABLE auth_sso_assertion (
  tenant_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  id_hash bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, provider_id, id_hash)
);
CREATE INDEX auth_sso_assertion_expiry ON auth_sso_assertion (tenant_id, expires_at);

CREATE TABLE auth_sso_secret (
  tenant_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  sealed text NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, provider_id)
);
`;
