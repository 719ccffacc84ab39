import { scopeOf } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import {
  addApiKey,
  API_KEY_DAYS,
  API_KEY_MAX_DAYS,
  apiKey,
  listApiKeys,
  MAX_API_KEYS,
  revokeApiKey,
  rotateApiKey,
  type ApiKey,
} from '#platform/auth/api-keys';
import { isNetwork } from '#platform/auth/api-keys-networks';
import { newApiKey } from '#platform/auth/api-keys-text';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import type { Caller, Callers } from '../http/request-context.js';
import { NEVER_BY_KEY } from './api-key-standing.js';
import type { SignInJournal } from './journal.js';
import type { Origin } from './sign-in.js';

/** What a key is asked for with. */
export interface ApiKeyInput {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: string;
  readonly allowedNetworks?: readonly string[];
}

/** A key with its text, which is shown this once. */
export interface ShownApiKey {
  readonly record: ApiKey;
  readonly key: string;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;

const notFound = refusal('NOT_FOUND', 'missing', 'There is no such API key.');
const gone = refusal('API_KEY_GONE', 'rule', 'The API key has run out or was revoked.');
const tooMany = refusal(
  'TOO_MANY_API_KEYS',
  'rule',
  `A person has at most ${MAX_API_KEYS} API keys at once; revoke one first.`,
);

function problem(field: string, rule: string, message: string, remedy: string): Refusal {
  return refusal('VALIDATION_ERROR', 'shape', message, [{ field, rule, message, remedy }]);
}

/** Makes, lists, replaces and revokes API keys. */
export class ApiKeys {
  constructor(
    private readonly platform: Platform,
    private readonly callers: Callers,
    private readonly journal: SignInJournal,
  ) {}

  /** The caller's keys, or with the right to it everybody's. */
  list(caller: Caller, everybody: boolean): Promise<readonly ApiKey[] | Refusal> {
    const { tenantId, actor } = caller;
    const whose = everybody && scopeOf(caller.grants, 'apiKeys:read') === 'all';
    return this.inTenant(tenantId, (db) => listApiKeys(db, tenantId, whose ? undefined : actor.id));
  }

  async make(caller: Caller, input: ApiKeyInput, origin: Origin): Promise<ShownApiKey | Refusal> {
    const { tenantId, actor } = caller;
    const now = this.platform.clock();
    const scopes = [...new Set(input.scopes)];
    const expiresAt = input.expiresAt
      ? new Date(input.expiresAt)
      : new Date(now.getTime() + API_KEY_DAYS * DAY);
    const allowedNetworks = [...new Set(input.allowedNetworks ?? [])];
    const wrong =
      scopesProblem(caller, scopes) ??
      expiryProblem(expiresAt, now, API_KEY_MAX_DAYS) ??
      networksProblem(allowedNetworks);
    if (wrong) return wrong;
    const id = uuidv7(now.getTime());
    const { key, hash } = newApiKey(tenantId, id);
    const known = { tenantId, id, userId: actor.id, name: input.name, scopes, allowedNetworks };
    const added = await this.inTenant(tenantId, (db) =>
      addApiKey(db, { ...known, expiresAt }, hash, now),
    );
    if (!added) return tooMany;
    const fact = { apiKeyId: id, scopes, expiresAt: expiresAt.toISOString() };
    const kept = await this.journal.byPerson('RecordApiKey', ownerOf(caller), fact, origin);
    if (isRefusal(kept)) {
      await this.inTenant(tenantId, (db) => revokeApiKey(db, tenantId, id, now));
      return kept as Refusal;
    }
    return { key, record: (await this.read(tenantId, id))! };
  }

  /** Gives a key a new text; the former one is good for some hours more. */
  async rotate(
    caller: Caller,
    id: string,
    overlapHours: number,
    origin: Origin,
  ): Promise<ShownApiKey | Refusal> {
    const { tenantId, actor } = caller;
    const known = await this.read(tenantId, id);
    // Whoever has the text acts as its holder, so nobody else is given one.
    if (!known || known.userId !== actor.id) return notFound;
    const now = this.platform.clock();
    const text = newApiKey(tenantId, id);
    const until = new Date(now.getTime() + overlapHours * HOUR);
    const done = await this.inTenant(tenantId, (db) => rotateApiKey(db, text, until, now));
    if (!done) return gone;
    this.callers.forget(tenantId);
    const fact = { apiKeyId: id, formerUntil: until.toISOString() };
    await this.journal.byPerson('RecordApiKeyRotation', ownerOf(caller), fact, origin);
    return { key: text.key, record: (await this.read(tenantId, id))! };
  }

  /** Ends a key at once: one's own, or with the right to it anybody's. */
  async revoke(caller: Caller, id: string, origin: Origin): Promise<Refusal | undefined> {
    const { tenantId, actor } = caller;
    const known = await this.read(tenantId, id);
    const reach = scopeOf(caller.grants, 'apiKeys:delete');
    if (!known || (known.userId !== actor.id && reach !== 'all')) return notFound;
    const now = this.platform.clock();
    const done = await this.inTenant(tenantId, (db) => revokeApiKey(db, tenantId, id, now));
    if (!done) return undefined;
    this.callers.forget(tenantId);
    const holder = { tenantId, userId: known.userId };
    await this.journal.by(actor, 'RecordApiKeyRevocation', holder, { apiKeyId: id }, origin);
    return undefined;
  }

  private read(tenantId: string, id: string): Promise<ApiKey | undefined> {
    return this.inTenant(tenantId, (db) => apiKey(db, tenantId, id));
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}

const ownerOf = ({ tenantId, actor }: Caller) => ({ tenantId, userId: actor.id });

/** Nobody gives a key what they do not have, or what no key may do. */
function scopesProblem({ grants }: Caller, scopes: readonly string[]): Refusal | undefined {
  const bad = scopes.find((scope) => NEVER_BY_KEY.has(scope) || !scopeOf(grants, scope));
  if (bad === undefined) return undefined;
  const message = NEVER_BY_KEY.has(bad)
    ? `No API key may have ${bad}.`
    : `You do not have ${bad} yourself.`;
  return refusal('SCOPE_NOT_HELD', 'rule', message, [
    {
      field: 'scopes',
      rule: 'held',
      message,
      remedy: 'Leave it out; GET /api/v1/auth/me lists the permissions you have.',
      value: bad,
    },
  ]);
}

/** Why a key or token cannot run out then: it does in the future, within this many days. */
export function expiryProblem(expiresAt: Date, now: Date, most: number): Refusal | undefined {
  const days = (expiresAt.getTime() - now.getTime()) / DAY;
  if (days > 0 && days <= most) return undefined;
  return problem(
    'expiresAt',
    'period',
    days > 0 ? 'expiresAt is more than a year away.' : 'expiresAt is in the past.',
    `Give an instant within the next ${most} days.`,
  );
}

function networksProblem(networks: readonly string[]): Refusal | undefined {
  const bad = networks.find((one) => !isNetwork(one));
  if (bad === undefined) return undefined;
  return problem(
    'allowedNetworks',
    'network',
    `${bad} is no address or network.`,
    'Give such as 203.0.113.7 or 2001:db8::/32.',
  );
}
