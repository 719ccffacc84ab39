import type { RenderedMail } from './layout.js';

/** A mail on its way to one person. */
export interface OutgoingMail extends RenderedMail {
  readonly to: string;
  /** The same for each try, so that a receiver may recognise a repetition. */
  readonly messageId: string;
}

/** How a mail ended: nobody's fault but the receiver's address is `refused` for good. */
export type Delivery =
  | { readonly status: 'captured' | 'sent' }
  | { readonly status: 'refused'; readonly problem: string };

/** Hands mail over. Throws where another try may succeed. */
export interface MailTransport {
  /** Whether what it took is kept with its text, to be read in the app. */
  readonly keepsText: boolean;
  deliver(mail: OutgoingMail): Promise<Delivery>;
  close(): void;
}

/** Sends nothing: the outbox of the app shows each mail. */
export const captureTransport: MailTransport = {
  keepsText: true,
  deliver: () => Promise.resolve({ status: 'captured' }),
  close: () => undefined,
};
