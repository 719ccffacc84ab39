import { instant, maybe, text } from './schemas.js';

/** What is known of a secret that programs hold, whose text is shown once. */
interface Life {
  readonly expiresAt: Date;
  readonly formerUntil: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
}

/** The fields of `lifeOf`, as answers declare them. */
export const lifeFields = {
  status: { type: 'string', enum: ['active', 'expired', 'revoked'] },
  expiresAt: instant,
  formerUntil: maybe(instant),
  revokedAt: maybe(instant),
  lastUsedAt: { ...maybe(instant), description: 'To the minute.' },
  lastUsedIp: maybe(text),
} as const;

/** Whether a secret is good, until when, and when it was used. */
export function lifeOf(secret: Life, now: Date) {
  const { expiresAt, formerUntil, revokedAt, lastUsedAt, lastUsedIp } = secret;
  return {
    status: revokedAt ? 'revoked' : expiresAt <= now ? 'expired' : 'active',
    expiresAt: expiresAt.toISOString(),
    formerUntil: formerUntil && formerUntil > now ? formerUntil.toISOString() : null,
    revokedAt: revokedAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    lastUsedIp,
  };
}
