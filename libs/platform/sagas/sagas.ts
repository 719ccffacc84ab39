import type { AnyProcess } from '#kernel/saga';
import { failpoint } from '../failpoints.js';
import type { Platform } from '../platform.js';
import { Leases, newHolder } from '../projections/lease.js';
import { SagaFactReader } from './facts.js';
import { SAGA_LEASE, SagaRunner } from './runner.js';
import { SagaStreams } from './saga-streams.js';
import { Standstills } from './standstills.js';
import { SagaSteps, type SagaBoundary } from './steps.js';
import { TestClocks } from './test-clocks.js';
import { TimerTable } from './timers.js';

type Parts = Pick<
  Platform,
  | 'database'
  | 'store'
  | 'codec'
  | 'keys'
  | 'registry'
  | 'wakeUp'
  | 'clock'
  | 'options'
  | 'dispatch'
  | 'effects'
>;

export interface RunnerOptions {
  /** Other sagas than the product's. */
  readonly processes?: readonly AnyProcess[];
  /** Called between any two effects; what it throws is a crash there. */
  readonly at?: (boundary: SagaBoundary) => void;
  readonly clock?: () => Date;
  /** Name of the process in the lease. */
  readonly holder?: string;
}

const failAt = (boundary: SagaBoundary) => failpoint(`saga_${boundary}`);

/** The sagas and policies of the product, put together. */
export class Sagas {
  readonly processes: readonly AnyProcess[];
  readonly streams: SagaStreams;
  readonly facts: SagaFactReader;
  readonly timers: TimerTable;
  readonly clocks: TestClocks;
  private running: SagaRunner | undefined;

  constructor(private readonly platform: Parts) {
    const { database, store, codec, keys, registry, wakeUp } = platform;
    this.processes = [...(registry.product.processes ?? []), ...platform.effects.all];
    const committed = () => wakeUp.signal();
    this.streams = new SagaStreams({ store, codec, keys, committed });
    this.facts = new SagaFactReader(database, store, codec, registry);
    this.timers = new TimerTable(database);
    this.clocks = new TestClocks(database, store, codec);
  }

  /** The runner of this process, made when it is first asked for. */
  get runner(): SagaRunner {
    return (this.running ??= this.runnerWith());
  }

  /** A runner of its own, for tests and tools. */
  runnerWith(options: RunnerOptions = {}): SagaRunner {
    const { database, store, codec, wakeUp } = this.platform;
    const { log, leaseSeconds } = this.platform.options;
    const { processes = this.processes, at = failAt, clock = this.platform.clock } = options;
    const holder = options.holder ?? newHolder();
    return new SagaRunner({
      database,
      store,
      codec,
      processes,
      steps: this.stepsWith({ clock, at }),
      timers: this.timers,
      clocks: this.clocks,
      standstills: new Standstills(database, SAGA_LEASE),
      leases: new Leases(database, holder, leaseSeconds),
      wakeUp,
      clock,
      ...(log ? { log } : {}),
      at,
    });
  }

  /** What handles single events. */
  stepsWith({ clock = this.platform.clock, at }: RunnerOptions = {}): SagaSteps {
    return new SagaSteps({
      registry: this.platform.registry,
      streams: this.streams,
      facts: this.facts,
      timers: this.timers,
      clocks: this.clocks,
      clock,
      enqueue: (effect, event) => this.platform.effects.enqueue(effect, event),
      dispatch: (command, input, ctx, given) => this.platform.dispatch(command, input, ctx, given),
      ...(at ? { at } : {}),
    });
  }

  async close(): Promise<void> {
    await this.running?.close();
  }
}
