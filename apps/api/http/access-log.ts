import type { Logger } from 'pino';
import { isUuid, uuidv7 } from '#kernel/ids';
import type { Platform } from '#platform/platform';
import type { Caller } from './request-context.js';

interface Entry {
  readonly id: string;
  readonly tenantId: string;
  readonly actorId: string;
  readonly recordType: string;
  readonly recordId: string;
  readonly action: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
  readonly at: Date;
}

const FLUSH_MS = 500;
const FULL = 500;
const MOST = 20_000;

/** Refusals of one person that are written in a minute, and people they are counted for. */
const REFUSALS = 20;
const MINUTE_MS = 60_000;
const PEOPLE = 10_000;

/**
 * Who looked at what. Entries are written in batches beside the reads they tell of: a read is never
 * slower or fails because of them. What cannot be written is kept for the next batch, up to a bound.
 */
export class AccessLog {
  private waiting: Entry[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private lost = 0;
  private readonly refusals = new Map<string, { since: number; seen: Set<string> }>();

  constructor(
    private readonly platform: Platform,
    private readonly log: Logger,
  ) {}

  viewed(caller: Caller, recordType: string, recordId: string): void {
    this.add(caller, recordType, recordId, 'viewed');
  }

  /** A whole list left as a file; it is told of the workspace, since it is no one record. */
  exported(caller: Caller, recordType: string): void {
    this.add(caller, recordType, caller.tenantId, 'exported');
  }

  /**
   * Somebody asked for what their role does not allow; `what` they asked for stands as the record.
   * Written once a minute for each record, and of no more than twenty: nobody floods the log.
   */
  refused(caller: Caller, what: string, recordId?: string): void {
    const now = this.platform.clock().getTime();
    const person = `${caller.tenantId}:${caller.actor.id}`;
    const known = this.refusals.get(person);
    const own =
      known && now - known.since < MINUTE_MS ? known : { since: now, seen: new Set<string>() };
    if (this.refusals.size >= PEOPLE) this.refusals.clear();
    this.refusals.set(person, own);
    const id = isUuid(recordId) ? recordId : caller.tenantId;
    const tried = `${what}:${id}`;
    if (own.seen.has(tried) || own.seen.size >= REFUSALS) return;
    own.seen.add(tried);
    this.add(caller, what, id, 'refused');
  }

  add(caller: Caller, recordType: string, recordId: string, action: string): void {
    if (this.waiting.length >= MOST) {
      this.lost++;
      return;
    }
    const at = this.platform.clock();
    this.waiting.push({
      id: uuidv7(at.getTime()),
      tenantId: caller.tenantId,
      actorId: caller.actor.id,
      recordType,
      recordId,
      action,
      ip: caller.ip ?? null,
      userAgent: caller.userAgent ?? null,
      requestId: caller.requestId,
      at,
    });
    if (this.waiting.length >= FULL) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Writes what is waiting; on closing, and for those who want to read it at once. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length > 0) this.writing = this.writing.then(() => this.write(batch));
    return this.writing;
  }

  private async write(batch: readonly Entry[]): Promise<void> {
    const tenants = Map.groupBy(batch, ({ tenantId }) => tenantId);
    for (const [tenantId, entries] of tenants) {
      try {
        await this.insert(tenantId, entries);
      } catch (error) {
        this.log.warn({ err: error, entries: entries.length }, 'access log is written later');
        const room = Math.max(0, MOST - this.waiting.length);
        this.lost += Math.max(0, entries.length - room);
        this.waiting.push(...entries.slice(0, room));
        this.timer ??= setTimeout(() => void this.flush(), 10 * FLUSH_MS).unref();
      }
    }
    if (this.lost > 0) this.log.error({ entries: this.lost }, 'access log entries were lost');
    this.lost = 0;
  }

  private async insert(tenantId: string, entries: readonly Entry[]): Promise<void> {
    const column = (pick: (entry: Entry) => unknown) => entries.map(pick);
    await this.platform.database.tenant(tenantId, (db) =>
      db.query(
        `INSERT INTO access_log (tenant_id, id, actor_id, record_type, record_id, action, ip,
            user_agent, request_id, at)
         SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[],
            $7::text[], $8::text[], $9::text[], $10::timestamptz[])
         ON CONFLICT DO NOTHING`,
        [
          tenantId,
          column(({ id }) => id),
          column(({ actorId }) => actorId),
          column(({ recordType }) => recordType),
          column(({ recordId }) => recordId),
          column(({ action }) => action),
          column(({ ip }) => ip),
          column(({ userAgent }) => userAgent),
          column(({ requestId }) => requestId),
          column(({ at }) => at),
        ],
      ),
    );
  }
}
