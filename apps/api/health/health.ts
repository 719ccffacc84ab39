import { arch, cpus, freemem, loadavg, platform as system, totalmem } from 'node:os';
import { copyLag } from '#platform/event-store/kurrentdb/log-copy';
import { projectingProcess, projectionStatus } from '#platform/operations/projection-status';
import { horizonHolder } from '#platform/operations/horizon';
import type { Platform } from '#platform/platform';
import type { ApiConfig } from '../api-options.js';
import { VERSION } from './product-version.js';

export type State = 'healthy' | 'degraded' | 'unhealthy';

interface Dependency {
  readonly status: State;
  readonly [more: string]: unknown;
}

export interface Health {
  readonly status: State;
  readonly service: string;
  readonly version: string;
  readonly uptime_seconds: number;
  readonly dependencies: Readonly<Record<string, Dependency>>;
  readonly system: object;
}

const TIMEOUT_MS = 2_000;
const KEEP_MS = 1_000;

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 1_048_576);

/** Whether the product can do its work, asked at most once a second whoever asks. */
export class HealthChecks {
  private latest: { readonly at: number; readonly health: Promise<Health> } | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly alerts: Pick<ApiConfig, 'lagAlertSeconds' | 'horizonAlertSeconds'>,
  ) {}

  check(): Promise<Health> {
    const now = Date.now();
    if (!this.latest || now - this.latest.at > KEEP_MS) {
      this.latest = { at: now, health: this.ask() };
    }
    return this.latest.health;
  }

  /** Whether requests can be answered: the database answers. */
  async ready(): Promise<boolean> {
    return (await this.database()).status === 'healthy';
  }

  private async ask(): Promise<Health> {
    const database = await this.database();
    const [projections, horizon, jobs, log] = await Promise.all([
      this.projections(),
      this.horizon(),
      this.jobs(),
      this.log(),
    ]);
    const dependencies = { database, projections, horizon, jobs, ...(log ? { log } : {}) };
    const states = Object.values(dependencies).map(({ status }) => status);
    const worst = (['unhealthy', 'degraded', 'healthy'] as const).find((one) =>
      states.includes(one),
    );
    return {
      status: worst ?? 'healthy',
      service: 'clientforge',
      version: VERSION,
      uptime_seconds: Math.floor(process.uptime()),
      dependencies,
      system: {
        node: process.version,
        platform: `${system()}-${arch()}`,
        cpus: cpus().length,
        load_average: loadavg().map((one) => Math.round(one * 100) / 100),
        memory_rss_mb: megabytes(process.memoryUsage.rss()),
        memory_free_mb: megabytes(freemem()),
        memory_total_mb: megabytes(totalmem()),
      },
    };
  }

  private async database(): Promise<Dependency> {
    const begin = performance.now();
    try {
      await within(this.platform.database.pool('api').query('SELECT 1'));
      const { unsafeDurability } = this.platform;
      return {
        status: 'healthy',
        latency_ms: Math.round((performance.now() - begin) * 10) / 10,
        ...(unsafeDurability.length > 0 ? { unsafe_durability: unsafeDurability } : {}),
      };
    } catch {
      return { status: 'unhealthy' };
    }
  }

  /** Jobs wait in the table whatever becomes of a queue beside it: degraded, not down. */
  private async jobs(): Promise<Dependency> {
    return { ...(await this.platform.jobQueue.health()) };
  }

  /** A log on a server of its own: without it nothing can be changed, while lists are served. */
  private async log(): Promise<Dependency | undefined> {
    const { database, logCopy, options } = this.platform;
    const server = options.kurrentDb;
    if (!server) return undefined;
    const begin = performance.now();
    try {
      const lag = await within(copyLag(database, server));
      const failure = logCopy?.status.failure;
      const late = lag.seconds > this.alerts.lagAlertSeconds;
      return {
        status: late || failure ? 'degraded' : 'healthy',
        store: 'kurrentdb',
        version: server.can.version,
        latency_ms: Math.round((performance.now() - begin) * 10) / 10,
        copying: logCopy?.status.isCopying ?? false,
        copy_lag_events: lag.events,
        copy_lag_seconds: Math.round(lag.seconds * 10) / 10,
        ...(failure ? { failure } : {}),
      };
    } catch {
      return { status: 'unhealthy', store: 'kurrentdb' };
    }
  }

  /** Lists may be old while the log takes writes: degraded, not down. */
  private async projections(): Promise<Dependency> {
    try {
      const { database } = this.platform;
      const [all, holder] = await within(
        Promise.all([projectionStatus(database), projectingProcess(database)]),
      );
      const most = (pick: (one: (typeof all)[number]) => number) => Math.max(0, ...all.map(pick));
      const lagSeconds = most(({ lagSeconds: seconds }) => seconds);
      const deadLetters = all.reduce((sum, one) => sum + one.deadLetters, 0);
      const rebuilds = all.filter(({ rebuild }) => rebuild);
      const stuck = rebuilds.some(({ rebuild }) => rebuild!.state === 'stopped');
      const isLate = lagSeconds > this.alerts.lagAlertSeconds;
      const late = isLate || !holder || deadLetters > 0 || stuck;
      return {
        status: late ? 'degraded' : 'healthy',
        running: holder !== undefined,
        lag_events: most(({ lagEvents }) => lagEvents),
        lag_seconds: lagSeconds,
        dead_letters: deadLetters,
        rebuilds: rebuilds.length,
      };
    } catch {
      return { status: 'unhealthy' };
    }
  }
  /** Whether a transaction holds back what lists, sagas and seals see of the log. */
  private async horizon(): Promise<Dependency> {
    try {
      const holder = await within(horizonHolder(this.platform.database));
      const seconds = holder?.seconds ?? 0;
      const held = seconds > this.alerts.horizonAlertSeconds;
      return {
        status: held ? 'degraded' : 'healthy',
        held_seconds: seconds,
        ...(held ? { pid: holder?.pid, application: holder?.application } : {}),
      };
    } catch {
      return { status: 'unhealthy' };
    }
  }
}
