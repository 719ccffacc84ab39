import pg from 'pg';
import type { EventDefinition } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import type { EventCodec } from '../event-store/codec.js';
import { comparePositions, parsePosition, type EventStore } from '../event-store/port.js';
import { databaseName, roleName, type Database, type Queryable } from '../postgres/database.js';
import { secureTables } from '../postgres/migrate.js';
import {
  attachStatement,
  dropStatements,
  indexStatements,
  recordDeclaration,
  tableStatements,
} from './declare.js';
import { tablesOf, type ModelTables } from './physical.js';
import { RecordProjection } from './record-projection.js';
import { compareTables, lockTables, renameTable, run, type Difference } from './shadow-tables.js';

export interface RebuildParts {
  /** The migrator's URL: only the owner may create and rename tables. */
  readonly url: string;
  readonly database: Database;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly definition: (type: string) => EventDefinition;
}

export interface RebuildProgress {
  /** Events of the feed read so far, and about how many there are. */
  readonly done: number;
  readonly total: number;
}

export interface RebuildOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: RebuildProgress) => void;
}

export interface RebuildResult {
  readonly events: number;
  readonly rows: number;
}

export interface Verification extends RebuildResult {
  readonly differences: readonly Difference[];
}

/** A rebuild met an event it cannot apply: nothing was swapped. */
export class RebuildError extends Error {}
/** Cancelled by the operator: the shadow stays, and the next rebuild goes on from there. */
export class RebuildCancelled extends Error {}

const BATCH = 1000;
const SHADOW = '__next';
const FORMER = '__former';

/**
 * Fills a shadow of a read model from the log beside live traffic, then swaps it in, or compares
 * it with what is served. Commands and reads go on; effects never fire, because nothing but rows
 * is written. A rebuild that was interrupted goes on where it was.
 */
export class Rebuild {
  private readonly shadow: ModelTables;
  private readonly live: ModelTables;
  private readonly projection: RecordProjection;
  private readonly processor: string;
  private events = 0;

  constructor(
    private readonly parts: RebuildParts,
    private readonly model: ReadModel,
  ) {
    this.live = tablesOf(model);
    this.shadow = tablesOf(model, SHADOW);
    this.projection = new RecordProjection(model, parts.definition, this.shadow);
    this.processor = `${model.name}${SHADOW}`;
  }

  /** Rebuilds all tenants and swaps; the former tables are kept for a way back. */
  async swap(options: RebuildOptions = {}): Promise<RebuildResult> {
    return this.withOwner(async (owner) => {
      await this.fill(owner, options);
      return this.inLockedPosition(owner, 'everybody', async () => {
        const rows = await this.count(owner);
        const former = tablesOf(this.model, FORMER);
        await run(owner, [
          ...dropStatements(former),
          `ALTER TABLE rm_timeline DETACH PARTITION ${this.live.timeline}`,
        ]);
        for (const key of this.tableKeys()) {
          await renameTable(owner, this.live[key], former[key]);
          await renameTable(owner, this.shadow[key], this.live[key]);
        }
        await run(owner, [attachStatement(this.model, this.live)]);
        await owner.query('DELETE FROM es_checkpoint WHERE processor = $1', [this.processor]);
        await this.asProjector(owner, () =>
          owner.query('DELETE FROM es_dead_letter WHERE processor = $1', [this.model.name]),
        );
        await recordDeclaration(owner, this.model);
        await secureTables(owner, this.databaseName, Object.values(this.live));
        return { events: this.events, rows };
      });
    });
  }

  /** Rebuilds one tenant and replaces its rows; the rows of others are not touched. */
  async swapTenant(tenantId: string, options: RebuildOptions = {}): Promise<RebuildResult> {
    return this.withOwner(async (owner) => {
      await this.discard(owner);
      await this.fill(owner, options, tenantId);
      const result = await this.inLockedPosition(
        owner,
        'writers',
        async () => {
          const rows = await this.count(owner);
          await this.asProjector(owner, async () => {
            for (const key of this.tableKeys()) {
              await owner.query(`DELETE FROM ${this.live[key]} WHERE tenant_id = $1`, [tenantId]);
              await owner.query(`INSERT INTO ${this.live[key]} SELECT * FROM ${this.shadow[key]}`);
            }
            await owner.query(
              'DELETE FROM es_dead_letter WHERE processor = $1 AND tenant_id = $2',
              [this.model.name, tenantId],
            );
          });
          return { events: this.events, rows };
        },
        tenantId,
      );
      await this.discard(owner);
      return result;
    });
  }

  /** Rebuilds beside the served rows and compares every one of them; nothing is swapped. */
  async verify(options: RebuildOptions = {}): Promise<Verification> {
    return this.withOwner(async (owner) => {
      await this.fill(owner, options);
      const result = await this.inLockedPosition(owner, 'writers', async () => {
        const rows = await this.count(owner);
        const differences = await this.asProjector(owner, async () => {
          const found: Difference[] = [];
          for (const key of this.tableKeys())
            found.push(...(await compareTables(owner, key, this.live[key], this.shadow[key])));
          return found;
        });
        return { events: this.events, rows, differences };
      });
      await this.discard(owner);
      return result;
    });
  }

  private get databaseName(): string {
    return databaseName(this.parts.url);
  }

  private tableKeys(): readonly (keyof ModelTables)[] {
    return this.model.temporal ? ['live', 'history', 'timeline'] : ['live', 'timeline'];
  }

  private async withOwner<Result>(work: (owner: pg.Client) => Promise<Result>): Promise<Result> {
    const owner = new pg.Client({
      connectionString: this.parts.url,
      application_name: 'clientforge-rebuild',
    });
    await owner.connect();
    try {
      const { rows } = await owner.query<{ free: boolean }>(
        'SELECT pg_try_advisory_lock(733102, hashtext($1)) AS free',
        [this.model.name],
      );
      if (!rows[0]?.free) {
        throw new RebuildError(`${this.model.name} is being rebuilt or verified already.`);
      }
      return await work(owner);
    } finally {
      await owner.end();
    }
  }

  /** Creates the shadow unless an interrupted rebuild left one, fills it and builds its indexes. */
  private async fill(owner: pg.Client, options: RebuildOptions, tenantId?: string): Promise<void> {
    const { rowCount: resumable } = await owner.query(
      'SELECT 1 FROM es_checkpoint WHERE processor = $1 AND version = $2',
      [this.processor, this.model.version],
    );
    if (!resumable) {
      await this.discard(owner);
      await owner.query('BEGIN');
      await run(owner, tableStatements(this.model, this.shadow));
      await secureTables(owner, this.databaseName, Object.values(this.shadow));
      await owner.query(
        'INSERT INTO es_checkpoint (processor, version, shard) VALUES ($1, $2, -2)',
        [this.processor, this.model.version],
      );
      await owner.query('COMMIT');
    }
    const { rows } = await owner.query<{ total: string }>('SELECT last_value AS total FROM es_pos');
    const total = Number(rows[0]!.total);
    const advance = async () => {
      while (await this.step(tenantId)) {
        if (options.signal?.aborted) throw new RebuildCancelled(`${this.model.name}: cancelled`);
        options.progress?.({ done: Math.min(this.events, total), total });
      }
    };
    await advance();
    // After the bulk of the rows, and without a transaction that would hold the feed back.
    if (!tenantId) {
      for (const statement of indexStatements(this.model, this.shadow)) {
        await owner.query(
          statement.replace('CREATE INDEX ', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS '),
        );
      }
      await advance();
    }
  }

  /** Applies one batch to the shadow, with the shadow's own checkpoint. */
  private async step(tenantId?: string): Promise<boolean> {
    return this.parts.database.transaction('projector', 'BEGIN', async (query) => {
      const from = (await this.position(query, this.processor))!;
      const page = await this.parts.store.readFeed({
        after: from,
        limit: BATCH,
        ...(tenantId ? { tenantId } : {}),
      });
      if (page.events.length === 0) return false;
      await this.apply(query, page.events);
      await this.moveTo(query, page.position);
      this.events += page.events.length;
      return !page.caughtUp;
    });
  }

  private async apply(query: Queryable, events: Parameters<EventCodec['decode']>[0]) {
    const own = events.filter(({ streamId }) => streamId.startsWith(`${this.model.category}-`));
    const poison = await this.projection.apply(query, await this.parts.codec.decode(own));
    if (poison[0]) {
      const { event, reason } = poison[0];
      throw new RebuildError(
        `${event.type} at ${event.position} (${event.streamId}, revision ${event.version}): ${reason}`,
      );
    }
  }

  private async position(query: Queryable | pg.Client, processor: string) {
    const { rows } = await (query as Queryable).query<{ epoch: number; xid: string; pos: string }>(
      'SELECT epoch, xid::text AS xid, pos FROM es_checkpoint WHERE processor = $1',
      [processor],
    );
    return rows[0] ? `${rows[0].epoch}.${rows[0].xid}.${rows[0].pos}.0` : undefined;
  }

  private async moveTo(query: Queryable | pg.Client, position: string): Promise<void> {
    const { epoch, xid, pos } = parsePosition(position);
    await (query as Queryable).query(
      `UPDATE es_checkpoint SET epoch = $2, xid = $3::text::xid8, pos = $4,
         updated_at = clock_timestamp() WHERE processor = $1`,
      [this.processor, String(epoch), String(xid), String(pos)],
    );
  }

  /**
   * Stops the live projection of this model for a moment, brings the shadow exactly to where it
   * stands, and runs the work in the same transaction. Readers are held up only by a swap.
   */
  private async inLockedPosition<Result>(
    owner: pg.Client,
    lock: 'writers' | 'everybody',
    work: () => Promise<Result>,
    tenantId?: string,
  ): Promise<Result> {
    await owner.query('BEGIN');
    try {
      await lockTables(
        owner,
        this.tableKeys().map((key) => this.live[key]),
        lock,
      );
      const target = (await this.position(owner, this.model.name))!;
      await this.asProjector(owner, async () => {
        for (;;) {
          const from = (await this.position(owner, this.processor))!;
          if (comparePositions(from, target) >= 0) break;
          const page = await this.parts.store.readFeed({
            after: from,
            limit: BATCH,
            ...(tenantId ? { tenantId } : {}),
          });
          const events = page.events.filter((e) => comparePositions(e.position, target) <= 0);
          await this.apply(owner as unknown as Queryable, events);
          this.events += events.length;
          const reached = events.length < page.events.length || page.caughtUp;
          await this.moveTo(owner, reached ? target : page.position);
        }
      });
      const result = await work();
      await owner.query('COMMIT');
      return result;
    } catch (error) {
      await owner.query('ROLLBACK');
      throw error;
    }
  }

  /** The owner is bound by the policies too; the projector's see every tenant. */
  private async asProjector<Result>(
    owner: pg.Client,
    work: () => Promise<Result>,
  ): Promise<Result> {
    await owner.query(`SET LOCAL ROLE "${roleName(this.databaseName, 'projector')}"`);
    const result = await work();
    await owner.query('RESET ROLE');
    return result;
  }

  private count(owner: pg.Client): Promise<number> {
    return this.asProjector(owner, async () => {
      const { rows } = await owner.query<{ n: string }>(
        `SELECT count(*) AS n FROM ${this.shadow.live}`,
      );
      return Number(rows[0]!.n);
    });
  }

  private async discard(owner: pg.Client): Promise<void> {
    await run(owner, dropStatements(this.shadow));
    await owner.query('DELETE FROM es_checkpoint WHERE processor = $1', [this.processor]);
  }
}
