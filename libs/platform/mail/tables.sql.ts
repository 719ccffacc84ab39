/**
 * Mail that was sent, or captured where no mail server is set. Addresses and texts are sealed under
 * the tenant's key; what was handed to a server is kept without its text, which may hold links.
 */
export const mailTables = `
CREATE TABLE mail_outbox (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  template text COLLATE "C" NOT NULL,
  subject_id uuid NOT NULL,
  status text COLLATE "C" NOT NULL CHECK (status IN ('captured', 'sent', 'refused')),
  content text NOT NULL,
  problem text,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX mail_outbox_list ON mail_outbox (tenant_id, created_at, id);
CREATE INDEX mail_outbox_subject ON mail_outbox (tenant_id, subject_id);
`;
