import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FastifyReply, FastifyRequest } from 'fastify';
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
  }

  /**
   * The feed shows events below the oldest transaction that still writes, so one that hangs holds
   * back every reader. Its age is known from when it was first seen here.
   */
  private horizon(registers: Registry[]): void {
    const { database } = this.platform;
    let held: { readonly xid: string; readonly since: number } | undefined;
    new Gauge({
      name: 'clientforge_oldest_writer_seconds',
      help: 'How long the oldest writing transaction (backend_xid) has been seen to run.',
      registers,
      async collect() {
        const { rows } = await database.pool('feed').query<{ xmin: string; running: boolean }>(
          `SELECT pg_snapshot_xmin(s)::text AS xmin, pg_snapshot_xmin(s) < pg_snapshot_xmax(s) AS running
             FROM pg_current_snapshot() AS s`,
        );
        const { xmin, running } = rows[0]!;
        if (!running) held = undefined;
        else if (held?.xid !== xmin) held = { xid: xmin, since: Date.now() };
        this.set(held ? (Date.now() - held.since) / 1000 : 0);
      },
    });
  }
}
