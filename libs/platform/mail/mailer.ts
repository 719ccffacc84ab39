import type { KeyRing } from '../event-store/key-ring.js';
import type { Database } from '../postgres/database.js';
import { renderMail, type MailText } from './layout.js';
import { captureTransport, type Delivery, type MailTransport } from './transport.js';

export interface MailOptions {
  /** Address people reach the app under, without a slash at the end: links begin with it. */
  readonly publicUrl: string;
  /** Absent: mail is captured and shown in the app. */
  readonly smtpUrl?: string;
  /** Address the mail comes from. */
  readonly from: string;
}

/** A mail to one person of a workspace. */
export interface Mail extends MailText {
  readonly tenantId: string;
  /** The same for each try. */
  readonly id: string;
  /** Which mail it is: `invitation`. */
  readonly template: string;
  /** Whose personal data it holds. */
  readonly subjectId: string;
  readonly to: string;
}

/** A mail of the outbox; its text is null where it went to a mail server. */
export interface KeptMail {
  readonly id: string;
  readonly template: string;
  readonly subjectId: string;
  readonly status: Delivery['status'];
  readonly to: string;
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
  readonly problem: string | null;
  readonly createdAt: Date;
}

interface MailRow {
  readonly id: string;
  readonly template: string;
  readonly subject_id: string;
  readonly status: Delivery['status'];
  readonly content: string;
  readonly problem: string | null;
  readonly created_at: Date;
  readonly [column: string]: unknown;
}

type Content = Pick<KeptMail, 'to' | 'subject' | 'text' | 'html'>;

export const defaultMail: MailOptions = {
  publicUrl: 'http://localhost:3000',
  from: 'ClientForge <clientforge@localhost>',
};

/** Sends mail and keeps what was sent: by SMTP where a server is set, else into the outbox only. */
export class Mailer {
  readonly publicUrl: string;
  private transport: Promise<MailTransport> | undefined;

  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly clock: () => Date,
    private readonly options: MailOptions = defaultMail,
  ) {
    this.publicUrl = options.publicUrl;
  }

  /** Whether mail stays in the app, because no server is set. */
  get captures(): boolean {
    return this.options.smtpUrl === undefined;
  }

  /** Sends a mail once more or less: one that is in the outbox already is not sent again. */
  async send(mail: Mail): Promise<Delivery> {
    const known = await this.find(mail.tenantId, mail.id);
    if (known?.status === 'refused') return { status: 'refused', problem: known.problem ?? '' };
    if (known) return { status: known.status };
    const transport = await (this.transport ??= this.connect());
    const rendered = renderMail(mail);
    const delivery = await transport.deliver({ ...rendered, to: mail.to, messageId: mail.id });
    const { subject, text, html } = rendered;
    const kept = transport.keepsText ? { text, html } : { text: null, html: null };
    await this.keep(mail, delivery, { to: mail.to, subject, ...kept });
    return delivery;
  }

  /** Mails of a workspace, the newest first; `before` is the id of the last one seen. */
  async list(tenantId: string, limit: number, before?: string): Promise<readonly KeptMail[]> {
    const rows = await this.rows(
      tenantId,
      `($2::uuid IS NULL OR (created_at, id) <
          (SELECT created_at, id FROM mail_outbox WHERE tenant_id = $1 AND id = $2))
       ORDER BY created_at DESC, id DESC LIMIT $3`,
      [before ?? null, limit],
    );
    return Promise.all(rows.map((row) => this.opened(tenantId, row)));
  }

  async find(tenantId: string, id: string): Promise<KeptMail | undefined> {
    const [row] = await this.rows(tenantId, 'id = $2', [id]);
    return row && this.opened(tenantId, row);
  }

  async close(): Promise<void> {
    (await this.transport)?.close();
  }

  private async connect(): Promise<MailTransport> {
    const { smtpUrl: url, from } = this.options;
    if (url === undefined) return captureTransport;
    // Loaded where a server is set only.
    const { smtpTransport } = await import('./smtp.js');
    return smtpTransport({ url, from });
  }

  private async keep(
    { tenantId, id, template, subjectId }: Mail,
    delivery: Delivery,
    content: Content,
  ): Promise<void> {
    const sealed = await this.keys.sealForTenant(tenantId, JSON.stringify(content), aadOf(id));
    const problem = delivery.status === 'refused' ? delivery.problem : null;
    await this.database.tenant(tenantId, (db) =>
      db.query(
        `INSERT INTO mail_outbox
           (tenant_id, id, template, subject_id, status, content, problem, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
        [tenantId, id, template, subjectId, delivery.status, sealed, problem, this.clock()],
      ),
    );
  }

  private async rows(tenantId: string, where: string, values: readonly unknown[]) {
    const { rows } = await this.database.tenant(tenantId, (db) =>
      db.query<MailRow>(
        `SELECT id, template, subject_id, status, content, problem, created_at FROM mail_outbox
          WHERE tenant_id = $1 AND ${where}`,
        [tenantId, ...values],
      ),
    );
    return rows;
  }

  private async opened(tenantId: string, row: MailRow): Promise<KeptMail> {
    const { id, template, subject_id: subjectId, status, problem, created_at: createdAt } = row;
    const text = await this.keys.openForTenant(tenantId, row.content, aadOf(id));
    const content = JSON.parse(text) as Content;
    return { id, template, subjectId, status, problem, createdAt, ...content };
  }
}

const aadOf = (id: string) => `mail:${id}`;
