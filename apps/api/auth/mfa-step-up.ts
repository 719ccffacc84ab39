import { refusal, type Refusal } from '#kernel/refusal';
import { lastProof } from '#platform/auth/factors';
import type { Platform } from '#platform/platform';
import { personNeeded } from '../rest/endpoint.js';

/** Minutes for which a proof is good for dangerous actions. */
export const STEP_UP_MINUTES = 10;

/** Who asks, and in which session. */
interface Asking {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly apiKey?: object;
}

const needed = refusal(
  'STEP_UP_REQUIRED',
  'forbidden',
  `This needs a proof of who you are from the last ${STEP_UP_MINUTES} minutes.`,
  [
    {
      rule: 'step-up',
      message: 'The sign-in, or the last proof since, is too long ago.',
      remedy:
        'Give a code or, without a second factor, the password at ' +
        'POST /api/v1/auth/mfa/step-up, then send this request again.',
    },
  ],
);

/** Until when a session may do dangerous things. */
export async function provenUntil(
  { database }: Platform,
  { tenantId, sessionId }: Asking,
): Promise<Date> {
  const at = await database.tenant(tenantId, (db) => lastProof(db, tenantId, sessionId));
  return new Date((at?.getTime() ?? 0) + STEP_UP_MINUTES * 60_000);
}

/** A refusal unless the session proved who it is within the last minutes. */
export async function stepUpProblem(
  platform: Platform,
  asking: Asking,
): Promise<Refusal | undefined> {
  if (asking.apiKey) return personNeeded;
  return (await provenUntil(platform, asking)) > platform.clock() ? undefined : needed;
}
