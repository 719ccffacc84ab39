import { setTimeout as sleep } from 'node:timers/promises';
import type { Effects } from './effects.js';

export interface EffectsWatchOptions {
  /** Days a job that ended is kept: as far back as a lost one is derived again. */
  readonly keepDays: number;
  readonly log: (problem: { readonly message: string; readonly error?: unknown }) => void;
  /** Milliseconds between two looks. */
  readonly every?: number;
}

const EVERY_MS = 5_000;
const DAY_MS = 86_400_000;

/** Looks now and then whether the queue lost its jobs, and derives those of effects again. */
export class EffectsWatch {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly effects: Effects,
    private readonly options: EffectsWatchOptions,
  ) {}

  start(): void {
    this.loop ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { keepDays, log, every = EVERY_MS } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const since = new Date(Date.now() - keepDays * DAY_MS);
        const derived = await this.effects.deriveIfLost({ since, signal });
        if (derived?.jobs)
          log({ message: `the table of jobs was emptied; ${derived.jobs} derived again` });
      } catch (error) {
        if (!signal.aborted) log({ message: 'lost effects could not be derived', error });
      }
      await sleep(every, undefined, { signal }).catch(() => undefined);
    }
  }
}
