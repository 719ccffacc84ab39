import { createTransport } from 'nodemailer';
import type { Delivery, MailTransport, OutgoingMail } from './transport.js';

export interface SmtpOptions {
  /** `smtp://user:password@host:587`, or `smtps://` with TLS from the first byte. */
  readonly url: string;
  /** Address the mail comes from. */
  readonly from: string;
}

/** What the driver tells of a failure; its message may quote addresses and is never passed on. */
interface SmtpError {
  readonly code?: string;
  readonly responseCode?: number;
}

/** The mail server could not take a mail now; another try may succeed. */
export class MailUnavailableError extends Error {
  constructor({ code, responseCode }: SmtpError) {
    super(`The mail server did not take the mail: ${responseCode ?? code ?? 'no answer'}.`);
  }
}

/** Hands mail to an SMTP server. */
export function smtpTransport({ url, from }: SmtpOptions): MailTransport {
  const server = createTransport(url, { from });
  return {
    keepsText: false,
    async deliver({ to, subject, text, html, messageId }: OutgoingMail): Promise<Delivery> {
      // An address of its own: nothing in a name can add a receiver or a header.
      const receiver = { name: '', address: to };
      try {
        await server.sendMail({
          to: receiver,
          subject,
          text,
          html,
          messageId: `<${messageId}@${domainOf(from)}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        return { status: 'sent' };
      } catch (error) {
        const { code, responseCode } = error as SmtpError;
        if (code === 'EENVELOPE' && responseCode && responseCode >= 500) {
          return { status: 'refused', problem: `The mail server answered ${responseCode}.` };
        }
        throw new MailUnavailableError({ code, responseCode } as SmtpError);
      }
    },
    close: () => server.close(),
  };
}

/** `ClientForge <crm@example.com>` → `example.com`. */
function domainOf(from: string): string {
  return /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
}
