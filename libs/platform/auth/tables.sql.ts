/**
 * What sign-in keeps beside the log: secrets as hashes, and counters that live minutes. Row-level
 * security and grants are stated with those of the other tables.
 */
export const authTables = `
CREATE TABLE auth_credential (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  password_hash text NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, user_id)
);

-- One row per refresh token. The rows of one sign-in share family_id, which is the session's id.
CREATE TABLE auth_session (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  family_id uuid NOT NULL,
  parent_id uuid,
  refresh_hash bytea NOT NULL,
  signed_in_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  rotated_at timestamptz,
  retried_at timestamptz,
  revoked_at timestamptz,
  ip text,
  user_agent text,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX auth_session_family ON auth_session (tenant_id, family_id);
CREATE INDEX auth_session_user ON auth_session (tenant_id, user_id);
CREATE INDEX auth_session_expiry ON auth_session (tenant_id, expires_at);

-- Attempts since the last success, per account and address; both are HMACs or network prefixes.
CREATE TABLE auth_failure (
  tenant_id uuid NOT NULL,
  account text NOT NULL,
  address text NOT NULL,
  failures integer NOT NULL,
  last_attempt_at timestamptz NOT NULL,
  locked_until timestamptz,
  PRIMARY KEY (tenant_id, account, address)
);
CREATE INDEX auth_failure_age ON auth_failure (tenant_id, last_attempt_at);
`;

/** Whether an identity provider said who it is: what is forced later lets such sessions go on. */
export const providerSessions = `
ALTER TABLE auth_session ADD COLUMN by_provider boolean NOT NULL DEFAULT false;
`;
