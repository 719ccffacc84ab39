import type pg from 'pg';
import type { ReadModel } from '#kernel/read-model';
import { comparePositions } from '../event-store/port.js';
import { failpoint } from '../failpoints.js';
import { databaseName, roleName, type Database, type Queryable } from '../postgres/database.js';
import { secureTables } from '../postgres/migrate.js';
import { declarationHash, recordDeclaration } from './declare.js';
import { indexStatements } from './indexes.js';
import { Pace } from './pace.js';
import { tablesOf, type ModelTables } from './physical.js';
import {
  forgetRebuild,
  mustBeServed,
  noteBegin,
  noteProgress,
  noteState,
} from './rebuild-notes.js';
import { beginAt, positionOf, servedPlaces } from './places.js';
import { asRebuilder, behindOthers } from './rebuilder.js';
import { comeUp, type Round } from './rounds.js';
import { RebuildError, shareOf, ShadowFill, type FillParts } from './shadow-fill.js';
import {
  beginLocked,
  columnNames,
  compareTables,
  countRows,
  finishTables,
  leaveUntidied,
  letTidy,
  renameTable,
  run,
  timelineIndexes,
  type Difference,
} from './shadow-tables.js';
import { attachStatement, dropStatements, tableStatements } from './table-statements.js';

export { RebuildError };

export interface RebuildParts extends FillParts {
  /** The migrator's URL: only the owner may create and rename tables. */
  readonly url: string;
  readonly database: Database;
}

export interface RebuildProgress {
  /** Events of the model applied by this run. */
  readonly done: number;
  /** How much of the log that is, from 0 to 1. */
  readonly share: number;
}

export interface RebuildOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: RebuildProgress) => void;
  /** Also where there are no commands: leaves half of the time to what else the process does. */
  readonly gentle?: boolean;
}

export interface RebuildResult {
  readonly events: number;
  readonly rows: number;
}

export interface Verification extends RebuildResult {
  readonly differences: readonly Difference[];
}

/** Cancelled by the operator: the shadow stays, and the next rebuild goes on from there. */
export class RebuildCancelled extends Error {}

type Places = ReadonlyMap<number, string>;

/** A shadow that is being filled from a position on. */
interface Filling {
  readonly owner: pg.Client;
  readonly pace: Pace;
  readonly options: RebuildOptions;
  readonly from: string;
  readonly tenantId: string | undefined;
}

const SHADOW = '__next';
const FORMER = '__former';
/** Marks the checkpoint of a shadow that holds all tenants, and so may be gone on with. */
const WHOLE = -2;
const PART = -3;
/** How often progress is written down, and a wish to end it read. */
const NOTE_MS = 500;

/**
 * Fills a shadow of a read model from the log beside live traffic, then swaps it in, or compares
 * it with what is served. Commands and reads go on; effects never fire, because nothing but rows
 * is written. A rebuild that was interrupted goes on where it was.
 */
export class Rebuild {
  private readonly shadow: ModelTables;
  private readonly live: ModelTables;
  private readonly shadowFill: ShadowFill;
  private readonly processor: string;
  private notedAt = 0;

  constructor(
    private readonly parts: RebuildParts,
    private readonly model: ReadModel,
  ) {
    this.live = tablesOf(model);
    this.shadow = tablesOf(model, SHADOW);
    this.processor = `${model.name}${SHADOW}`;
    this.shadowFill = new ShadowFill(parts, model, this.shadow, this.processor);
  }

  /** Rebuilds all tenants and swaps; the former tables are kept for a way back. */
  async swap(options: RebuildOptions = {}): Promise<RebuildResult> {
    return this.noted(options, async (owner, noted) => {
      const advance = await this.fill(owner, noted, { served: true });
      await this.inLockedPosition(owner, 'everybody', advance, async (places) => {
        const former = tablesOf(this.model, FORMER);
        await run(owner, [
          ...dropStatements(former),
          `ALTER TABLE rm_timeline DETACH PARTITION ${this.live.timeline}`,
        ]);
        for (const key of this.tableKeys()) {
          await renameTable(owner, this.live[key], former[key]);
          await renameTable(owner, this.shadow[key], this.live[key]);
        }
        await run(owner, [
          attachStatement(this.model, this.live),
          ...this.namesOf(this.live).map(letTidy),
        ]);
        await this.join(owner, places);
        await secureTables(owner, this.databaseName, Object.values(this.live));
        failpoint('rebuild_before_swap');
      });
      // Nobody has to wait for that.
      const projector = this.parts.database.pool('projector') as unknown as Queryable;
      return { events: this.shadowFill.events, rows: await countRows(projector, this.live.live) };
    });
  }

  /** What was built beside the others goes on with them, from the place where they stand. */
  private async join(owner: pg.Client, places: Places): Promise<void> {
    const { name } = this.model;
    await owner.query('DELETE FROM es_checkpoint WHERE processor = $1', [this.processor]);
    await owner.query('DELETE FROM rm_declaration WHERE name = $1', [this.processor]);
    await beginAt(owner as unknown as Queryable, this.model, places);
    await this.asProjector(owner, () =>
      owner.query('DELETE FROM es_dead_letter WHERE processor = $1', [name]),
    );
    await recordDeclaration(owner, name, this.model, this.parts.codec.events);
    await forgetRebuild(owner as unknown as Queryable, name);
  }

  /** Rebuilds one tenant and replaces its rows; the rows of others are not touched. */
  async swapTenant(tenantId: string, options: RebuildOptions = {}): Promise<RebuildResult> {
    return this.withOwner(async (owner) => {
      await mustBeServed(owner as unknown as Queryable, this.model.name);
      await this.discard(owner);
      const advance = await this.fill(owner, options, { served: false, tenantId });
      const result = await this.inLockedPosition(
        owner,
        'writers',
        advance,
        async () => {
          const rows = await this.asProjector(owner, async () => {
            for (const key of this.tableKeys()) {
              await owner.query(`DELETE FROM ${this.live[key]} WHERE tenant_id = $1`, [tenantId]);
              const names = (await columnNames(owner, this.shadow[key])).join(', ');
              await owner.query(
                `INSERT INTO ${this.live[key]} (${names}) SELECT ${names} FROM ${this.shadow[key]}`,
              );
            }
            await owner.query(
              'DELETE FROM es_dead_letter WHERE processor = $1 AND tenant_id = $2',
              [this.model.name, tenantId],
            );
            return countRows(owner as unknown as Queryable, this.shadow.live);
          });
          return { events: this.shadowFill.events, rows };
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
      await mustBeServed(owner as unknown as Queryable, this.model.name);
      const advance = await this.fill(owner, options, { served: false });
      const result = await this.inLockedPosition(owner, 'writers', advance, async () => {
        const { events } = this.shadowFill;
        return this.asProjector(owner, async () => {
          const differences: Difference[] = [];
          for (const key of this.tableKeys()) {
            const [live, shadow] = [this.live[key], this.shadow[key]];
            differences.push(...(await compareTables(owner, key, live, shadow)));
          }
          const rows = await countRows(owner as unknown as Queryable, this.shadow.live);
          return { events, rows, differences };
        });
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

  private namesOf(tables: ModelTables): readonly string[] {
    return this.tableKeys().map((key) => tables[key]);
  }

  private withOwner<Result>(work: (owner: pg.Client) => Promise<Result>): Promise<Result> {
    return asRebuilder(this.parts.url, this.model.name, work);
  }

  /** Runs a rebuild of all tenants and writes down how it stands, for whoever asks. */
  private noted<Result>(
    options: RebuildOptions,
    work: (owner: pg.Client, options: RebuildOptions) => Promise<Result>,
  ): Promise<Result> {
    return this.withOwner(async (owner) => {
      const query = owner as unknown as Queryable;
      const { name } = this.model;
      await noteBegin(query, name);
      try {
        return await work(owner, options);
      } catch (error) {
        const state = error instanceof RebuildCancelled ? 'cancelled' : 'stopped';
        await noteState(query, name, state, (error as Error).message).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Throws {@link RebuildCancelled} where an operator asked for it. */
  private async note(owner: pg.Client, progress: RebuildProgress): Promise<void> {
    if (Date.now() - this.notedAt < NOTE_MS) return;
    this.notedAt = Date.now();
    const { name } = this.model;
    if (await noteProgress(owner as unknown as Queryable, name, progress)) {
      throw new RebuildCancelled(`${name}: cancelled`);
    }
  }

  /**
   * Creates the shadow unless an interrupted rebuild left one, fills it and builds its indexes where
   * it will be `served`. Answers what brings it up again.
   */
  private async fill(
    owner: pg.Client,
    options: RebuildOptions,
    { served, tenantId }: { readonly served: boolean; readonly tenantId?: string },
  ): Promise<() => Promise<void>> {
    if (!(await this.resumable(owner))) {
      await this.discard(owner);
      await owner.query('BEGIN');
      await run(owner, [
        ...tableStatements(this.model, this.shadow),
        ...this.namesOf(this.shadow).map(leaveUntidied),
      ]);
      await secureTables(owner, this.databaseName, Object.values(this.shadow));
      await owner.query(
        'INSERT INTO es_checkpoint (processor, version, shard) VALUES ($1, $2, $3)',
        [this.processor, this.model.version, tenantId ? PART : WHOLE],
      );
      await recordDeclaration(owner, this.processor, this.model, this.parts.codec.events);
      await owner.query('COMMIT');
    }
    const pace = new Pace(owner, options.gentle);
    const filling = { owner, pace, options, from: await this.position(owner), tenantId };
    const advance = (how: 'fully' | 'roughly') =>
      comeUp(how, (hurry) => this.round(filling, hurry));
    // After the bulk of the rows, and without a transaction that would hold the feed back. What is
    // appended meanwhile is dearer with every index, and so not left until there are all.
    if (served) {
      const roughly = () => advance('roughly');
      await roughly();
      const statements = [
        ...(await timelineIndexes(owner, this.shadow.timeline)),
        ...indexStatements(this.model, this.shadow),
      ];
      const names = this.namesOf(this.shadow);
      await behindOthers(this.parts.url, (builder) =>
        finishTables(builder, names, statements, pace, roughly),
      );
    }
    const fully = () => advance('fully');
    await fully();
    return fully;
  }

  /** A shadow of all tenants by this declaration that is not ahead of what is served. */
  private async resumable(owner: pg.Client): Promise<boolean> {
    const { rowCount } = await owner.query(
      `SELECT 1 FROM es_checkpoint n JOIN rm_declaration d ON d.name = n.processor
        WHERE n.processor = $1 AND n.shard = ${WHOLE} AND d.hash = $2`,
      [this.processor, await declarationHash(this.model, this.parts.codec.events)],
    );
    if (rowCount !== 1) return false;
    const [reached, served] = [await this.position(owner), await this.served(owner)];
    return comparePositions(reached, served) <= 0;
  }

  /** Brings the shadow to where the served rows stand, each batch in a transaction of its own. */
  private async round(filling: Filling, hurry: boolean): Promise<Round> {
    const { owner, pace, options, from, tenantId } = filling;
    const { shadowFill } = this;
    const before = shadowFill.events;
    // What comes meanwhile is the next round's.
    const target = await this.served(owner);
    const share = shareOf(from, await this.position(owner), target);
    // Statements that took long came before, and perhaps nothing has to be done now.
    this.notedAt = 0;
    await this.note(owner, { done: before, share });
    for (let batches = 0; ; batches++) {
      if (options.signal?.aborted) throw new RebuildCancelled(`${this.model.name}: cancelled`);
      shadowFill.batch = await pace.batch(hurry);
      const at = await this.parts.database.derivedBehind((query) =>
        shadowFill.advance(query, target, tenantId),
      );
      if (at === undefined) return { events: shadowFill.events - before, batches };
      failpoint('rebuild_after_batch');
      const progress = { done: shadowFill.events, share: shareOf(from, at, target) };
      options.progress?.(progress);
      await this.note(owner, progress);
      await pace.pause(at);
    }
  }

  /** Where the shadow stands. */
  private async position(owner: pg.Client): Promise<string> {
    return (await positionOf(owner as unknown as Queryable, this.processor))!;
  }

  /** Where the shard of the served rows stands that is furthest behind. */
  private async served(owner: pg.Client): Promise<string> {
    const places = await servedPlaces(owner as unknown as Queryable, this.model.name);
    return [...places.values()].sort(comparePositions)[0]!;
  }

  /**
   * Stops the live projection of this model for a moment, brings the shadow exactly to where it
   * stands, and runs the work in the same transaction. Readers are held up only by a swap.
   */
  private async inLockedPosition<Result>(
    owner: pg.Client,
    lock: 'writers' | 'everybody',
    advance: () => Promise<void>,
    work: (places: Places) => Promise<Result>,
    tenantId?: string,
  ): Promise<Result> {
    const query = owner as unknown as Queryable;
    try {
      await beginLocked(owner, this.namesOf(this.live), lock, advance);
      const places = await servedPlaces(query, this.model.name);
      const [least] = [...places.values()].sort(comparePositions);
      await this.asProjector(owner, async () => {
        while (await this.shadowFill.advance(query, least!, tenantId));
        await this.shadowFill.finish(query, places, tenantId);
      });
      const result = await work(places);
      await owner.query('COMMIT');
      failpoint('rebuild_after_swap');
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

  private async discard(owner: pg.Client): Promise<void> {
    await run(owner, dropStatements(this.shadow));
    await owner.query('DELETE FROM es_checkpoint WHERE processor = $1', [this.processor]);
    await owner.query('DELETE FROM rm_declaration WHERE name = $1', [this.processor]);
  }
}
