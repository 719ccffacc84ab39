import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { copyLag, type CopyLag } from '#platform/event-store/kurrentdb/log-copy';
import { horizonHolder } from '#platform/operations/horizon';
import { projectionStatus, type ProjectionStatus } from '#platform/operations/projection-status';
import type { Platform } from '#platform/platform';

const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What Prometheus reads; no tenant, person or record is a label. */
export class Metrics {
  readonly registry = new Registry();
  private readonly durations: Histogram;

  constructor(private readonly platform: Platform) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: BUCKETS,
      registers,
    });
    this.countAppends(registers);
    this.projections(registers);
    this.horizon(registers);
    this.logCopy(registers);
  }

  answered(request: FastifyRequest, reply: FastifyReply): void {
    // The pattern, not the address: addresses hold ids and would be endless labels.
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    this.durations.observe(labels, reply.elapsedTime / 1000);
  }

  /** Counts what this process appends, around the store every command goes through. */
  private countAppends(registers: Registry[]): void {
    const requests = new Counter({
      name: 'clientforge_appends_total',
      help: 'Appends of this process by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    const events = new Counter({
      name: 'clientforge_appended_events_total',
      help: 'Events this process appended.',
      registers,
    });
    const { store } = this.platform;
    const append = store.append.bind(store);
    store.append = async (request) => {
      const outcome = await append(request);
      requests.inc({ outcome: outcome.status });
      if (outcome.status === 'appended') {
        events.inc(request.streams.reduce((sum, stream) => sum + stream.events.length, 0));
      }
      return outcome;
    };
  }

  private projections(registers: Registry[]): void {
    const { database } = this.platform;
    let asked: ReturnType<typeof projectionStatus> | undefined;
    // The three gauges of one scrape share one question.
    const ask = () => (asked ??= projectionStatus(database).finally(() => (asked = undefined)));
    const gauge = (name: string, help: string, value: (one: ProjectionStatus) => number) =>
      new Gauge({
        name: `clientforge_projection_${name}`,
        help,
        labelNames: ['projection'],
        registers,
        async collect() {
          for (const one of await ask()) this.set({ projection: one.name }, value(one));
        },
      });
    gauge('lag_events', 'Events not applied yet.', ({ lagEvents }) => lagEvents);
    gauge('lag_seconds', 'Age of the first event not applied yet.', (one) => one.lagSeconds);
    gauge('dead_letters', 'Events set aside.', ({ deadLetters }) => deadLetters);
    gauge('rebuilding', 'Whether a rebuild waits, runs or was left.', (one) =>
      Number(!!one.rebuild),
    );
  }

  /** How far the database's copy of a log on a server of its own is behind it. */
  private logCopy(registers: Registry[]): void {
    const { database, options } = this.platform;
    const server = options.kurrentDb;
    if (!server) return;
    let asked: ReturnType<typeof copyLag> | undefined;
    const ask = () => (asked ??= copyLag(database, server).finally(() => (asked = undefined)));
    const gauge = (name: string, help: string, value: (lag: CopyLag) => number) =>
      new Gauge({
        name: `clientforge_log_copy_lag_${name}`,
        help,
        registers,
        async collect() {
          // A scrape tells what is known although the server is down.
          const lag = await ask().catch(() => undefined);
          if (lag) this.set(value(lag));
          // `reset` would say 0: no lag at all.
          else this.remove();
        },
      });
    gauge('events', 'Events of KurrentDB the copy lacks, up to 1,000.', (lag) => lag.events);
    gauge('seconds', 'Age of the oldest event the copy lacks.', (lag) => lag.seconds);
  }

  /**
   * The feed shows events below the oldest transaction that still writes, so one that hangs holds
   * back every reader. Where rights hide its age, it counts from when it was first seen here.
   */
  private horizon(registers: Registry[]): void {
    const { database } = this.platform;
    let asked: ReturnType<typeof horizonHolder> | undefined;
    const ask = () => (asked ??= horizonHolder(database).finally(() => (asked = undefined)));
    let unseen: number | undefined;
    new Gauge({
      name: 'clientforge_oldest_writer_seconds',
      help: 'How long the oldest writing transaction (backend_xid) has been running.',
      registers,
      async collect() {
        const found = await ask();
        unseen = found?.seconds === null ? (unseen ?? Date.now()) : undefined;
        this.set(found?.seconds ?? (unseen ? (Date.now() - unseen) / 1000 : 0));
      },
    });
    new Gauge({
      name: 'clientforge_oldest_writer_info',
      help: 'Process and application of the oldest writing transaction, if there is one.',
      labelNames: ['pid', 'application'],
      registers,
      async collect() {
        const found = await ask();
        this.reset();
        const { pid, application } = found ?? {};
        if (found) this.set({ pid: String(pid ?? ''), application: application ?? '' }, 1);
      },
    });
  }
}
