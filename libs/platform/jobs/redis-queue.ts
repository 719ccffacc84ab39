import { EventEmitter, once } from 'node:events';
import { Queue, Worker, type Job } from 'bullmq';
import { uuidv7 } from '#kernel/ids';
import type { JobRef } from './job.js';
import type { JobQueue, QueueHealth, TableJobQueue } from './queue.js';
import { RedisLink } from './redis-link.js';

export { RedisLink };

const NAME = 'jobs';
/** How long one look for an id blocks, in seconds; one that takes three more is given up on. */
const BLOCK_SECONDS = 1;
const STUCK_MS = 4_000;
/** How often what Redis does not know is told it again from the table. */
const FILL_MS = 1_000;
const FILL_MOST = 1_000;
/** An id a process took and died with comes back after this long, at most twice. */
const LOCK_MS = 5_000;
const LOWEST_PRIORITY = 2_097_151;

/**
 * Hands ids on through BullMQ on Redis. The table stays the record: once a second what is due there
 * is told to Redis again, and while Redis is away the table serves as if there were none. Nobody
 * who announces a job waits for it, and nobody who looks for one does.
 */
export class RedisJobQueue implements JobQueue {
  private readonly prefix: string;
  private readonly queue: Queue<JobRef>;
  private readonly found = new EventEmitter().setMaxListeners(0);
  private worker: Worker<JobRef> | undefined;
  /** An id taken from Redis that nobody has asked for yet. */
  private taken: JobRef | undefined;
  private lookingSince: number | undefined;
  private filledAt = 0;
  private filling = false;

  constructor(
    private readonly link: RedisLink,
    private readonly table: TableJobQueue,
    /** Keeps installations apart that share a server. */
    database: string,
  ) {
    // Braces keep all keys on one node of a cluster.
    this.prefix = `{clientforge.${database}}`;
    this.queue = new Queue<JobRef>(NAME, {
      connection: link.client,
      // What it would warn of on the console is known from the link, and told in the log.
      skipVersionCheck: true,
      prefix: this.prefix,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
    });
    this.queue.on('error', (error) => link.lost(error));
  }

  announce(job: JobRef): void {
    if (!this.link.usable) return this.table.announce();
    this.tell(job).catch((error: unknown) => {
      this.link.lost(error);
      this.table.announce();
    });
  }

  /** The more a workspace has waiting, the later its next one comes. */
  private async tell({ tenantId, id }: JobRef): Promise<void> {
    const waiting = await this.link.client.hincrby(this.waitingKey, tenantId, 1);
    await this.queue.add(NAME, { tenantId, id }, entry({ tenantId, id }, waiting));
  }

  async next(kinds: readonly string[]): Promise<JobRef | undefined> {
    const { taken } = this;
    if (taken) {
      this.taken = undefined;
      return taken;
    }
    const stuck = this.lookingSince !== undefined && Date.now() - this.lookingSince > STUCK_MS;
    if (!this.link.usable || stuck) return this.table.next(kinds);
    this.look();
    if (!this.filling && Date.now() - this.filledAt > FILL_MS) void this.fill(kinds);
    return undefined;
  }

  async wait(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (this.taken) return true;
    const done = new AbortController();
    const either = AbortSignal.any([signal, done.signal]);
    const answers = [
      once(this.found, 'id', { signal: either }).then(
        () => true,
        () => false,
      ),
      this.table.wait(milliseconds, either),
    ];
    try {
      return await Promise.race(answers);
    } finally {
      done.abort();
    }
  }

  health(): Promise<QueueHealth> {
    return Promise.resolve(this.link.health());
  }

  async close(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    await Promise.allSettled([worker?.close(true), this.queue.close()]);
    this.link.close();
  }

  /** Begins to look for an id, one look at a time. */
  private look(): void {
    if (this.lookingSince !== undefined) return;
    this.lookingSince = Date.now();
    const worker = (this.worker ??= this.startWorker());
    this.take(worker)
      .catch(() => undefined)
      .finally(() => {
        this.lookingSince = undefined;
        if (this.taken) this.found.emit('id');
      });
  }

  /** Takes an id off Redis at once: whoever gets it claims it in the table, which is what counts. */
  private async take(worker: Worker<JobRef>): Promise<void> {
    const token = uuidv7();
    const job = (await worker.getNextJob(token)) as Job<JobRef> | undefined;
    if (!job) return;
    this.taken = { tenantId: job.data.tenantId, id: job.data.id };
    await job.moveToCompleted(null, token, false);
    await this.link.client.hincrby(this.waitingKey, job.data.tenantId, -1);
  }

  private startWorker(): Worker<JobRef> {
    const worker = new Worker<JobRef>(NAME, null, {
      connection: this.link.waiting,
      skipVersionCheck: true,
      prefix: this.prefix,
      autorun: false,
      drainDelay: BLOCK_SECONDS,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS,
      maxStalledCount: 2,
    });
    // It connects again by itself; that Redis is away, the producers' connection tells.
    worker.on('error', () => undefined);
    void worker.startStalledCheckTimer().catch(() => undefined);
    return worker;
  }

  /** Tells Redis what is due; what it knows already stays where it is in the line. */
  private async fill(kinds: readonly string[]): Promise<void> {
    this.filling = true;
    try {
      const due = await this.table.due(kinds, FILL_MOST);
      if (due.length === 0) await this.link.client.del(this.waitingKey);
      const entries = due.map(({ tenantId, id, place }) => ({
        name: NAME,
        data: { tenantId, id },
        opts: entry({ tenantId, id }, place),
      }));
      if (entries.length > 0) await this.queue.addBulk(entries);
    } catch (error) {
      this.link.lost(error);
    } finally {
      this.filledAt = Date.now();
      this.filling = false;
    }
  }

  private get waitingKey(): string {
    return `${this.prefix}:waiting`;
  }
}

/** The same job is in the line once; a lower priority comes first. */
function entry({ tenantId, id }: JobRef, place: number) {
  return {
    jobId: `${tenantId}.${id}`,
    priority: Math.min(Math.max(place, 1), LOWEST_PRIORITY),
  };
}
