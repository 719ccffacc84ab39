import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadModel } from '#kernel/read-model';
import type { Queryable } from '../postgres/database.js';
import { noteState, rebuildNotes, retryStopped } from './rebuild-notes.js';
import { Rebuild, RebuildCancelled, RebuildError, type RebuildParts } from './rebuild.js';
import { RebuildBusy } from './rebuilder.js';

type Log = (problem: { readonly message: string; readonly error?: unknown }) => void;

export interface PendingParts extends RebuildParts {
  readonly models: readonly ReadModel[];
  readonly log?: Log | undefined;
}

const LOOK_MS = 3000;

/**
 * Rebuilds the read models whose declaration changed, one after the other, while the rows there are
 * go on being served. Whatever ends a process, the next one goes on where it was.
 */
export class PendingRebuilds {
  private readonly stop = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(private readonly parts: PendingParts) {}

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.loop;
  }

  /** Rebuilds all that wait; answers the names of those that are served now. */
  async runOnce(): Promise<readonly string[]> {
    const notes = await rebuildNotes(this.query);
    const served: string[] = [];
    for (const model of this.parts.models) {
      const note = notes.get(model.name);
      // One that runs may have lost its process; its lock tells.
      const open = note?.state === 'waiting' || note?.state === 'running';
      if (note?.cause !== 'declared' || !open || this.stop.signal.aborted) continue;
      if (await this.rebuild(model)) served.push(model.name);
    }
    return served;
  }

  private get query(): Queryable {
    return this.parts.database.pool('projector') as unknown as Queryable;
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    let begun = false;
    while (!signal.aborted) {
      try {
        // What this release cannot apply either stops again, and says so.
        if (!begun) await retryStopped(this.query);
        begun = true;
        await this.runOnce();
      } catch (error) {
        this.parts.log?.({ message: 'a rebuild failed and will go on', error });
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async rebuild(model: ReadModel): Promise<boolean> {
    try {
      await new Rebuild(this.parts, model).swap({ signal: this.stop.signal, gentle: true });
      return true;
    } catch (error) {
      const ended = error instanceof RebuildCancelled && this.stop.signal.aborted;
      const passing = !(error instanceof RebuildError) && !(error instanceof RebuildCancelled);
      // Ended with its process, or by a broken connection: whoever comes next goes on.
      if (ended || passing) {
        await noteState(this.query, model.name, 'waiting').catch(() => undefined);
      }
      if (passing) throw error;
      if (error instanceof RebuildError && !(error instanceof RebuildBusy)) {
        this.parts.log?.({ message: `the rebuild of ${model.name} stopped: ${error.message}` });
      }
      return false;
    }
  }
}
