import type { AnyCommand, CommandResult } from '#kernel/command';
import { everything, type RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { CommandDispatcher, type DispatchOptions } from './commands/dispatcher.js';
import { FactReader } from './commands/fact-reader.js';
import { Registry, type Product } from './commands/registry.js';
import { Reservations } from './commands/reservations.js';
import type { Effect } from './effects/effect.js';
import { Effects } from './effects/effects.js';
import { EventCodec } from './event-store/codec.js';
import { KeyRing, PostgresKeyStore } from './event-store/key-ring.js';
import type { MasterKeys } from './event-store/key-ring-box.js';
import { LogCopy } from './event-store/kurrentdb/log-copy.js';
import { checkWith, checkWithout } from './event-store/kurrentdb/place.js';
import type { KurrentDbServer } from './event-store/kurrentdb/server.js';
import { KurrentDbEventStore } from './event-store/kurrentdb/store.js';
import { PostgresEventStore } from './event-store/postgres-store.js';
import { JobDocuments } from './jobs/documents.js';
import type { AnyJob } from './jobs/job.js';
import { Jobs } from './jobs/jobs.js';
import { queueMaker, type MakeQueue } from './jobs/choose-queue.js';
import { Mailer, type MailOptions } from './mail/mailer.js';
import type { JobQueue } from './jobs/queue.js';
import { checkEpoch, checkServer } from './postgres/boot-checks.js';
import { Database, type Queryable } from './postgres/database.js';
import { migrate } from './postgres/migrate.js';
import { declareReadModels } from './projections/declare.js';
import { newHolder } from './projections/lease.js';
import { MatchLookup } from './projections/match-lookup.js';
import { PositionWaiter } from './projections/position-waiter.js';
import { PendingRebuilds } from './projections/pending-rebuilds.js';
import { ReadModelReader } from './projections/reader.js';
import { ProjectionRunner } from './projections/runner.js';
import { ShardLeases } from './projections/shard-leases.js';
import { TimelineReader } from './projections/timeline.js';
import { WakeUp } from './projections/wake-up.js';
import { Sagas } from './sagas/sagas.js';
import type { OutsideCopy } from './seals/outside-copy.js';
import type { SealKeys } from './seals/seal-keys.js';

/** What seals of the log are signed with, and where their copy lies. */
export interface Seals {
  readonly keys: SealKeys;
  readonly copy: OutsideCopy;
}

export interface PlatformOptions {
  /** The migrator's URL. */
  readonly url: string;
  /** For LISTEN, where `url` goes through a pooler. */
  readonly directUrl?: string;
  /** Where the log is, unless it is in the database; whoever connected it closes it. */
  readonly kurrentDb?: KurrentDbServer;
  readonly masterKey: Buffer;
  /** What wraps the keys of tenants, while it is not `masterKey`. */
  readonly masters?: MasterKeys;
  readonly poolSize: number;
  /** Redis that hands out jobs; without it the table does. */
  readonly redisUrl?: string;
  readonly allowUnsafeDurability: boolean;
  readonly product: Product;
  /** Kinds of work that outlive a request. */
  readonly jobs?: readonly AnyJob[];
  /** What is done once after an event, by a job. */
  readonly effects?: readonly Effect[];
  /** How mail leaves; without it, mail is captured. */
  readonly mail?: MailOptions;
  /** Read when they are first needed. */
  readonly seals?: () => Promise<Seals>;
  readonly clock?: () => Date;
  /** Seconds a lease lasts without a sign of life; 10 when left out. */
  readonly leaseSeconds?: number;
  readonly log?: (problem: { readonly message: string; readonly error?: unknown }) => void;
  /** Skip migrations when another process of the same release has just run them. */
  readonly migrate?: boolean;
}

/** The log, the commands and the read models of one database, ready to be used by an app. */
export class Platform {
  readonly registry: Registry;
  readonly store: PostgresEventStore;
  /** Keeps the database's copy of a log that is elsewhere in step. */
  readonly logCopy: LogCopy | undefined;
  readonly keys: KeyRing;
  readonly codec: EventCodec;
  readonly facts: FactReader;
  readonly reservations: Reservations;
  readonly commands: CommandDispatcher;
  readonly reader: ReadModelReader;
  readonly timeline: TimelineReader;
  readonly positions: PositionWaiter;
  readonly projections: ProjectionRunner;
  readonly rebuilds: PendingRebuilds;
  readonly effects: Effects;
  readonly sagas: Sagas;
  readonly jobs: Jobs;
  readonly jobQueue: JobQueue;
  readonly mail: Mailer;
  /** Durability the database goes without because that was allowed. */
  unsafeDurability: readonly string[] = [];
  readonly jobDocuments: JobDocuments;
  readonly wakeUp = new WakeUp();
  readonly clock: () => Date;
  private sealing: Promise<Seals> | undefined;

  private constructor(
    readonly options: PlatformOptions,
    makeQueue: MakeQueue,
    readonly database: Database,
    copied: { readonly epoch: number } | undefined,
  ) {
    const { url, masterKey, product, log } = options;
    this.clock = options.clock ?? (() => new Date());
    this.registry = new Registry(product);
    const { store, logCopy } = this.openLog(copied?.epoch);
    this.store = store;
    this.logCopy = logCopy;
    this.keys = new KeyRing(options.masters ?? masterKey, new PostgresKeyStore(this.database));
    this.wakeUp.on('keys', () => this.keys.forgetAll());
    this.codec = new EventCodec(product.events, this.keys);
    this.reader = new ReadModelReader(this.database, this.store, this.codec, this.clock);
    this.timeline = new TimelineReader(this.database, product.readModels, this.clock);
    this.positions = new PositionWaiter(this.database);
    const matching = new MatchLookup(this.database);
    this.facts = new FactReader(this.store, this.codec, this.registry, (tenantId, model, where) =>
      matching.matches(tenantId, this.registry.readModel(model), where),
    );
    this.reservations = new Reservations(this.store, this.codec, this.keys);
    this.commands = new CommandDispatcher({
      store: this.store,
      codec: this.codec,
      keys: this.keys,
      facts: this.facts,
      reservations: this.reservations,
      clock: this.clock,
      committed: () => this.wakeUp.signal(),
    });
    const shared = {
      database: this.database,
      store: this.store,
      codec: this.codec,
      models: [...this.registry.readModels.values()],
      ...(log ? { log } : {}),
    };
    const definition = (type: string) => this.codec.definition(type);
    this.rebuilds = new PendingRebuilds({ ...shared, url, definition });
    this.projections = new ProjectionRunner({
      ...shared,
      rebuilds: this.rebuilds,
      leases: new ShardLeases(this.database, newHolder(), options.leaseSeconds),
      wakeUp: this.wakeUp,
    });
    this.jobDocuments = new JobDocuments(this.keys);
    this.jobQueue = makeQueue(this.database, this.wakeUp);
    this.jobs = new Jobs({
      database: this.database,
      documents: this.jobDocuments,
      queue: this.jobQueue,
      definitions: [
        ...(options.jobs ?? []),
        ...(options.effects ?? []).map((effect) => effect.job),
      ],
    });
    this.mail = new Mailer(this.database, this.keys, this.clock, options.mail);
    this.effects = new Effects(this, options.effects);
    this.sagas = new Sagas(this);
  }

  /** Checks the server, migrates, declares the read models and connects. */
  static async open(options: PlatformOptions): Promise<Platform> {
    const unsafe = await checkServer(options.url, options);
    if (options.migrate !== false) {
      await migrate(options.url, options.masterKey, (client) =>
        declareReadModels(client, options.product.readModels, options.product.events),
      );
    }
    const { url, masterKey, poolSize, kurrentDb } = options;
    const pooled = options.directUrl !== undefined && options.directUrl !== url;
    const database = new Database({ url, masterKey, poolSize, pooled });
    let copied: { readonly epoch: number } | undefined;
    let makeQueue: MakeQueue;
    try {
      if (kurrentDb) copied = { epoch: await checkWith(url, database, kurrentDb) };
      else await checkWithout(database);
      makeQueue = await queueMaker(options);
    } catch (error) {
      await database.close();
      throw error;
    }
    const platform = new Platform(options, makeQueue, database, copied);
    platform.unsafeDurability = unsafe;
    try {
      await checkEpoch(platform.database.pool('feed') as unknown as Queryable);
    } catch (error) {
      await platform.jobQueue.close();
      await platform.database.close();
      throw error;
    }
    await platform.wakeUp.connect(options.directUrl ?? options.url);
    platform.logCopy?.start();
    return platform;
  }

  /** The log in the database, or on a server with a copy in the database. */
  private openLog(epoch: number | undefined) {
    const { kurrentDb: server, leaseSeconds, log } = this.options;
    const { database } = this;
    if (!server || epoch === undefined) {
      return { store: new PostgresEventStore(database), logCopy: undefined };
    }
    const store = new KurrentDbEventStore(database, server, epoch);
    const logCopy = new LogCopy({
      ...{ database, server, epoch, appends: store },
      holder: newHolder(),
      copied: () => this.wakeUp.signal(),
      ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
      ...(log ? { log } : {}),
    });
    return { store, logCopy };
  }

  seals(): Promise<Seals> {
    const { seals } = this.options;
    if (!seals) throw new Error('the platform was opened without keys for seals');
    return (this.sealing ??= seals());
  }

  /** Dispatches a command by name or definition. */
  dispatch(
    command: string | AnyCommand,
    input: unknown,
    ctx: RequestContext,
    options: DispatchOptions = {},
  ): Promise<CommandResult> {
    const definition = typeof command === 'string' ? this.registry.command(command) : command;
    return this.commands.dispatch(definition, input, ctx, options);
  }

  /** Stops projecting, finishes what is under way and disconnects. */
  async close(): Promise<void> {
    await this.sagas.close();
    await this.projections.close();
    await this.logCopy?.close();
    await this.store.close();
    await this.jobQueue.close();
    await this.mail.close();
    await this.wakeUp.close();
    await this.database.close();
  }
}

/** A context for what the product does by itself: imports, demo data, the command line. */
export function systemContext(tenantId: string, process: string): RequestContext {
  const requestId = uuidv7();
  return {
    tenantId,
    actor: { type: 'system', id: process },
    grants: everything,
    requestId,
    correlationId: requestId,
  };
}
