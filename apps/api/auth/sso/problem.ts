import { refusal } from '#kernel/refusal';
import type { SsoRefusal } from '#event-schemas/identity/identity-provider.events';

/** A check of single sign-on that failed. The reason is for administrators, never for the caller. */
export class SsoProblem extends Error {
  constructor(
    readonly reason: SsoRefusal,
    /** What was found and what was expected, without personal data. */
    readonly found?: string,
  ) {
    super(reason);
  }
}

/** The one answer to everything that is refused. */
export const ssoRefused = refusal(
  'SSO_REFUSED',
  'unauthenticated',
  'The sign-in was not accepted. Start again from the sign-in page, or ask an administrator.',
);

/** Who somebody is, as an identity provider said and we checked. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** Attributes or claims by name, each with its values. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}
