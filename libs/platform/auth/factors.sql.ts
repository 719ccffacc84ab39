/**
 * What second factors consist of, beside the log. `sealed` is closed under the key of its person,
 * so that erasing the person closes it for ever.
 */
export const factorTables = `
CREATE TABLE auth_factor (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  sealed text NOT NULL,
  -- Hash of a passkey's id, to find it by.
  credential bytea,
  -- The time step of the last code, or the signature counter: neither ever runs backwards.
  counter bigint NOT NULL,
  created_at timestamptz NOT NULL,
  -- Null until the person has shown that they can use it.
  confirmed_at timestamptz,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX auth_factor_user ON auth_factor (tenant_id, user_id);
CREATE UNIQUE INDEX auth_factor_credential ON auth_factor (tenant_id, credential);

CREATE TABLE auth_recovery_code (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  code_hash text NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (tenant_id, user_id, code_hash)
);

-- A sign-in between password and second factor, or a passkey that was asked for: good once.
CREATE TABLE auth_challenge (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  purpose text NOT NULL,
  token_hash bytea NOT NULL,
  -- What a passkey has to sign.
  webauthn text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX auth_challenge_age ON auth_challenge (tenant_id, expires_at);

-- When a session last proved who it is, beside its sign-in.
CREATE TABLE auth_proof (
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  user_id uuid NOT NULL,
  proven_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, session_id)
);
`;
