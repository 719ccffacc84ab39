import { setTimeout as sleep } from 'node:timers/promises';
import { failpoint } from '../failpoints.js';
import type { Database, Queryable } from '../postgres/database.js';
import { Fenced } from '../projections/fenced.js';
import type { Leases } from '../projections/lease.js';
import { groundOf, type Ground, type Held } from './ground.js';
import type { OutsideCopy } from './outside-copy.js';
import type { SealKeys } from './seal-keys.js';
import {
  insertSeals,
  lastSeals,
  readEntries,
  type FeedEntry,
  type NewSealRow,
} from './seal-table.js';
import {
  BEFORE_ALL,
  entriesRoot,
  FIRST,
  packEntries,
  SEAL_SIZE,
  sealHash,
  type Place,
} from './seal.js';

export interface SealerParts {
  readonly database: Database;
  readonly keys: SealKeys;
  readonly copy: OutsideCopy;
  readonly leases: Leases;
  readonly everyMs: number;
  readonly log?: (problem: { readonly message: string; readonly error?: unknown }) => void;
}

const LEASE = 'seals';
const PAGE = 5_000;
const SEALING = 733_104;
/** The lock of whoever works with the copies, or takes the sealing over from somebody who does. */
const ALONE = `BEGIN; SELECT pg_advisory_xact_lock(${SEALING})`;
/** The row of everybody who is not held back. */
const EVERYBODY = 'everybody';

/**
 * Follows the feed and seals what is new, tenant by tenant: seals and place in one transaction
 * under a fencing token, so no event is sealed twice, then the copy outside the database. A tenant
 * whose seals do not agree with that copy is held back and the others go on.
 */
export class Sealer {
  private readonly stop = new AbortController();
  private loop: Promise<void> | undefined;
  private fence: string | undefined;
  private held = false;

  constructor(private readonly parts: SealerParts) {}

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.loop;
    if (this.held) await this.parts.leases.release(LEASE).catch(() => undefined);
  }

  /** Seals everything below the horizon; false where another process does. */
  async catchUp(): Promise<boolean> {
    if (!(await this.own())) return false;
    await this.round();
    return true;
  }

  private async run(): Promise<void> {
    const { leases, everyMs, log } = this.parts;
    const { signal } = this.stop;
    for (let due = 0; !signal.aborted;) {
      try {
        if ((await this.own()) && Date.now() >= due) {
          await this.round();
          due = Date.now() + everyMs;
        }
      } catch (error) {
        this.fence = undefined;
        if (!(error instanceof Fenced)) log?.({ message: 'sealing failed', error });
      }
      const pause = Math.min(everyMs, leases.renewEvery);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Takes or renews the lease; whoever takes it over completes what the last holder left. */
  private async own(): Promise<boolean> {
    const lease = await this.parts.leases.acquire(LEASE);
    if (!lease) {
      this.fence = undefined;
      return false;
    }
    this.held = true;
    if (lease.fence === this.fence) return true;
    await this.parts.database.transaction('projector', ALONE, (query) =>
      query.query('UPDATE es_seal_place SET fence = $1 WHERE scope = $2 AND fence < $1', [
        lease.fence,
        EVERYBODY,
      ]),
    );
    this.fence = lease.fence;
    await this.completeCopies();
    return true;
  }

  private async round(): Promise<void> {
    for (const tenantId of await this.heldBack()) await this.takeUp(tenantId);
    let renewed = Date.now();
    while (!this.stop.signal.aborted && (await this.step())) {
      if (Date.now() - renewed < this.parts.leases.renewEvery) continue;
      if (!(await this.own())) return;
      renewed = Date.now();
    }
  }

  /** One page of the feed; false when nothing is left. */
  private async step(): Promise<boolean> {
    const from = await this.place();
    const page = await readEntries(this.parts.database, from, PAGE);
    const last = page.at(-1);
    if (!last) return false;
    const heldBack = new Set(await this.heldBack());
    const tenants = Map.groupBy(page, ({ tenantId }) => tenantId);
    for (const tenantId of heldBack) tenants.delete(tenantId);
    const grounds = await this.grounds([...tenants.keys()]);
    const sealedAt = await this.now();
    const seals: NewSealRow[] = [];
    for (const [tenantId, ground] of grounds) {
      seals.push(...this.seals(tenantId, ground, tenants.get(tenantId)!, sealedAt));
    }
    failpoint('seal_before_rows');
    await this.commit(from, last.place, seals);
    failpoint('seal_between_rows_and_copy');
    await this.copy(seals);
    failpoint('seal_after_copy');
    return page.length === PAGE;
  }

  /** Seals what a tenant that was held back has missed, once nothing is wrong any more. */
  private async takeUp(tenantId: string): Promise<void> {
    const to = await this.place();
    for (let done = false; !done && !this.stop.signal.aborted;) {
      const ground = (await this.grounds([tenantId])).get(tenantId);
      if (!ground) return;
      const after = ground.last?.seal.to ?? BEFORE_ALL;
      const page = await readEntries(this.parts.database, after, PAGE, { tenantId, to });
      const seals = this.seals(tenantId, ground, page, await this.now());
      done = page.length < PAGE;
      await this.commit(to, to, seals, done ? tenantId : undefined);
      await this.copy(seals);
    }
  }

  /** Seals that cover these events, the next after the last one. */
  private seals(
    tenantId: string,
    { last }: Ground,
    events: readonly FeedEntry[],
    sealedAt: string,
  ): NewSealRow[] {
    let number = last?.seal.number ?? 0;
    let from = last?.seal.to ?? BEFORE_ALL;
    let total = last?.seal.total ?? 0;
    const seals: NewSealRow[] = [];
    let previous = last ? sealHash(last.content) : FIRST;
    for (let start = 0; start < events.length; start += SEAL_SIZE) {
      const entries = events.slice(start, start + SEAL_SIZE);
      const to = entries.at(-1)!.place;
      number += 1;
      total += entries.length;
      const signed = this.parts.keys.sign({
        format: 1,
        tenant: tenantId,
        number,
        previous,
        from,
        to,
        events: entries.length,
        total,
        root: entriesRoot(tenantId, entries),
        sealedAt,
      });
      seals.push({ tenantId, number, ...signed, entries: packEntries(entries) });
      from = to;
      previous = sealHash(signed.content);
    }
    return seals;
  }

  /** What each tenant's next seal builds on; those that are not sound are held back. */
  private async grounds(tenantIds: readonly string[]): Promise<ReadonlyMap<string, Ground>> {
    const found = await this.alone(async (query) => {
      const rows = await lastSeals(query, tenantIds);
      const all: (readonly [string, Ground | Held])[] = [];
      for (const tenantId of tenantIds) {
        all.push([tenantId, await groundOf(query, this.parts, tenantId, rows.get(tenantId))]);
      }
      return all;
    });
    const grounds = new Map<string, Ground>();
    for (const [tenantId, ground] of found) {
      if (typeof ground === 'string') await this.holdBack(tenantId, ground);
      else grounds.set(tenantId, ground);
    }
    return grounds;
  }

  /** Works with the copies while nobody takes the sealing over; too late, it does nothing. */
  private alone<Result>(work: (query: Queryable) => Promise<Result>): Promise<Result> {
    return this.parts.database.transaction('projector', ALONE, async (query) => {
      const { rowCount } = await query.query(
        'SELECT 1 FROM es_seal_place WHERE scope = $1 AND fence = $2',
        [EVERYBODY, this.fence],
      );
      fenced(rowCount);
      return work(query);
    });
  }

  private async completeCopies(): Promise<void> {
    const { rows } = await this.projector.query<{ id: string }>(
      'SELECT DISTINCT tenant_id AS id FROM es_seal',
    );
    await this.grounds(rows.map(({ id }) => id));
  }

  private async copy(seals: readonly NewSealRow[]): Promise<void> {
    if (seals.length === 0) return;
    await this.alone(async () => {
      for (const [tenantId, own] of Map.groupBy(seals, (seal) => seal.tenantId)) {
        await this.parts.copy.append(tenantId, own);
      }
    });
  }

  private async commit(
    from: Place,
    to: Place,
    seals: readonly NewSealRow[],
    takenUp?: string,
  ): Promise<void> {
    await this.parts.database.transaction('projector', 'BEGIN', async (query) => {
      const { rowCount } = await query.query(
        `UPDATE es_seal_place SET epoch = $1::int, xid = $2::text::xid8, pos = $3::bigint,
            updated_at = clock_timestamp()
          WHERE scope = $4 AND fence = $5
            AND (epoch, xid, pos) = ($6::int, $7::text::xid8, $8::bigint)`,
        [...to.split('.'), EVERYBODY, this.fence, ...from.split('.')],
      );
      fenced(rowCount);
      if (seals.length > 0) await insertSeals(query, seals);
      if (takenUp) await query.query('DELETE FROM es_seal_place WHERE scope = $1', [takenUp]);
    });
  }

  private async holdBack(tenantId: string, reason: string): Promise<void> {
    const { rowCount } = await this.projector.query(
      `INSERT INTO es_seal_place AS p (scope, reason) VALUES ($1, $2)
       ON CONFLICT (scope) DO UPDATE SET reason = $2 WHERE p.reason IS DISTINCT FROM $2`,
      [tenantId, reason],
    );
    if (rowCount) this.parts.log?.({ message: `tenant ${tenantId} is not sealed: ${reason}` });
  }

  private async heldBack(): Promise<readonly string[]> {
    const { rows } = await this.projector.query<{ scope: string }>(
      'SELECT scope FROM es_seal_place WHERE scope <> $1 ORDER BY scope',
      [EVERYBODY],
    );
    return rows.map(({ scope }) => scope);
  }

  private async place(): Promise<Place> {
    const { rows } = await this.projector.query<{ place: string }>(
      `SELECT concat_ws('.', epoch, xid, pos) AS place FROM es_seal_place WHERE scope = $1`,
      [EVERYBODY],
    );
    return rows[0]!.place;
  }

  private async now(): Promise<string> {
    const { rows } = await this.projector.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    return rows[0]!.now.toISOString();
  }

  private get projector(): Queryable {
    return this.parts.database.pool('projector') as unknown as Queryable;
  }
}

/** Ends what comes too late: nothing was found under its fence any more. */
function fenced(rowCount: number | null): void {
  if (rowCount !== 1) throw new Fenced('another process seals');
}
