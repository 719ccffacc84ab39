import type { FastifyRequest } from 'fastify';
import type { RequestContext } from '#kernel/context';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { PlanType } from '#event-schemas/identity/tenant.events';
import type { UserRole } from '#event-schemas/identity/user.events';
import { standingOf } from '#apps/composition/standing';
import { isSessionLive } from '#platform/auth/sessions';
import { noteApiKeyUse, type ApiKey } from '#platform/auth/api-keys';
import { isAllowed } from '#platform/auth/api-keys-networks';
import { looksLikeApiKey } from '#platform/auth/api-keys-text';
import type { AccessTokens } from '#platform/auth/tokens';
import type { Platform } from '#platform/platform';
import { apiKeyStanding, wrongNetwork } from '../auth/api-key-standing.js';
import type { AccessLog } from './access-log.js';
import { shutOut, unauthenticated } from './answers.js';
import { workspaceNamed } from './workspace-named.js';

/** Who calls, what they may do, and where from. */
export interface Caller extends RequestContext {
  readonly role: UserRole;
  /** The session, or the API key that stands for one. */
  readonly sessionId: string;
  /** Set where a program calls with a key, which proves nothing about who sits there. */
  readonly apiKey?: ApiKey;
  /** Short name of the workspace. */
  readonly slug: string;
  /** Zone of the workspace: turns days into instants. */
  readonly timeZone: string;
  readonly planType: PlanType;
}

/** What is true of a signed-in person for the next seconds. */
interface Standing extends Pick<
  Caller,
  | 'tenantId'
  | 'actor'
  | 'role'
  | 'sessionId'
  | 'apiKey'
  | 'slug'
  | 'timeZone'
  | 'planType'
  | 'grants'
  | 'withheld'
> {
  readonly teamUserIds?: readonly string[];
  readonly teamIds?: readonly string[];
  readonly fields?: NonNullable<Caller['fields']>;
  readonly until: number;
}

const CACHE_MS = 3_000;
const CACHE_SIZE = 10_000;
const NOTE_MS = 60_000;
/** Ids of other systems that are passed on: visible ASCII without quotes. */
const PASSED_ON = /^[\w.:~+/=@-]{1,100}$/;

/** An id from a header when it is fit to be kept, else undefined. */
export function idFrom(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' && PASSED_ON.test(header) ? header : undefined;
}

/** The access token of a request: `Authorization: Bearer …`. */
function tokenOf(request: FastifyRequest): string | undefined {
  return /^Bearer ([\w.-]{20,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
}

/**
 * Turns a request into the caller's context. Session, person, role, teams and workspace are read
 * from what is stored, never from the token, and kept for three seconds at most.
 */
export class Callers {
  private readonly cache = new Map<string, Standing>();
  /** When the use of a key was noted last. */
  private readonly noted = new Map<string, number>();
  /** Who was found to call, for what is done with a request afterwards. */
  private readonly known = new WeakMap<FastifyRequest, Caller>();

  constructor(
    private readonly platform: Platform,
    private readonly tokens: AccessTokens,
    private readonly accessLog: AccessLog,
    private readonly publicUrl: string,
  ) {}

  /** The caller, or why there is none. */
  async callerOf(request: FastifyRequest): Promise<Caller | Refusal> {
    const token = tokenOf(request);
    if (!token) return unauthenticated();
    const standing = await this.standingOf(token);
    if (isRefusal(standing)) return standing;
    const { until: _until, ...known } = standing;
    const named = workspaceNamed(request, this.publicUrl);
    if (named !== undefined && named !== known.slug) {
      return unauthenticated('The access token is not valid for this workspace.');
    }
    const causationId = idFrom(request.headers['x-causation-id']);
    const userAgent = request.headers['user-agent']?.slice(0, 500);
    const caller: Caller = {
      ...known,
      requestId: request.id,
      correlationId: idFrom(request.headers['x-correlation-id']) ?? request.id,
      ...(causationId ? { causationId } : {}),
      ip: request.ip,
      ...(userAgent ? { userAgent } : {}),
    };
    if (!known.apiKey || this.mayUse(known.apiKey, request.ip)) {
      this.known.set(request, caller);
      return caller;
    }
    this.accessLog.refused(caller, 'api_key_network', known.apiKey.id);
    return wrongNetwork;
  }

  /** Who called, where `callerOf` has found it out. */
  knownOf(request: FastifyRequest): Caller | undefined {
    return this.known.get(request);
  }

  /** Reads anew on the next request: something about people, teams or the workspace changed. */
  forget(tenantId: string): void {
    for (const [token, standing] of this.cache) {
      if (standing.tenantId === tenantId) this.cache.delete(token);
    }
  }

  private async standingOf(token: string): Promise<Standing | Refusal> {
    const cached = this.cache.get(token);
    const now = this.platform.clock().getTime();
    if (cached && cached.until > now && cached.until - now <= CACHE_MS) return cached;
    this.cache.delete(token);
    const standing = looksLikeApiKey(token)
      ? await this.readKey(token, now)
      : await this.readToken(token, now);
    if (isRefusal(standing)) return standing;
    if (this.cache.size >= CACHE_SIZE) this.cache.clear();
    this.cache.set(token, standing);
    return standing;
  }

  private async readKey(token: string, now: number): Promise<Standing | Refusal> {
    const standing = await apiKeyStanding(this.platform, token, new Date(now));
    return 'refused' in standing ? standing : { ...standing, until: now + CACHE_MS };
  }

  /** Whether a key may be used from there; its use is noted beside, once a minute. */
  private mayUse(key: ApiKey, ip: string): boolean {
    if (!isAllowed(key.allowedNetworks, ip)) return false;
    const now = this.platform.clock();
    if (now.getTime() - (this.noted.get(key.id) ?? 0) < NOTE_MS) return true;
    if (this.noted.size >= CACHE_SIZE) this.noted.clear();
    this.noted.set(key.id, now.getTime());
    const note = this.platform.database.tenant(key.tenantId, (db) =>
      noteApiKeyUse(db, key, ip, now),
    );
    // Nobody's request fails for it.
    note.catch(() => this.noted.delete(key.id));
    return true;
  }

  private async readToken(token: string, now: number): Promise<Standing | Refusal> {
    const claims = await this.tokens.verify(token);
    if (!claims) return unauthenticated('The access token is not valid or has expired.');
    const { tenantId, userId, sessionId } = claims;
    const [standing, live] = await Promise.all([
      standingOf(this.platform, tenantId, userId),
      this.platform.database.tenant(tenantId, (db) =>
        isSessionLive(db, tenantId, sessionId, this.platform.clock()),
      ),
    ]);
    // Sessions of somebody who is shut out end as well; why they ended is what helps the person.
    if (!standing) return shutOut;
    if (!live) return unauthenticated('The session has ended.');
    const actor = { type: 'user', id: userId } as const;
    return { tenantId, sessionId, actor, ...standing, until: now + CACHE_MS };
  }
}
