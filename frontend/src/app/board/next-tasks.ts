import { Injectable, effect, inject, signal, untracked } from '@angular/core';
import { NextTasksDocument, type NextTasksQuery } from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { Time } from '../frame/time';
import { Records } from '../records/records';
import { Session } from '../session/session';

export type NextTask = NextTasksQuery['tasks']['nodes'][number];

/** Deals asked for at once; few have more than two open tasks. */
const AT_ONCE = 50;

/** What is to be done next for each deal on the board. */
@Injectable()
export class NextTasks {
  private readonly graphql = inject(Graphql);
  private readonly records = inject(Records);
  private readonly time = inject(Time);
  private readonly session = inject(Session);
  private readonly known = signal<ReadonlyMap<string, NextTask | null>>(new Map());
  private abort = new AbortController();

  constructor() {
    let readFor: string | null | undefined;
    effect(() => {
      const asOf = this.time.asOf();
      const { collection } = this.records.changed();
      if (asOf !== readFor || collection === 'tasks') untracked(() => this.forget());
      readFor = asOf;
    });
  }

  /** The open task of a deal that is due first; undefined where there is none or not yet known. */
  of(dealId: string): NextTask | undefined {
    return this.known().get(dealId) ?? undefined;
  }

  /** Reads the tasks of those deals that are not known yet. */
  async want(dealIds: readonly string[]): Promise<void> {
    if (!this.session.may('tasks:read')) return;
    const known = this.known();
    const missing = dealIds.filter((id) => !known.has(id));
    if (missing.length === 0) return;
    const { signal } = this.abort;
    this.add(missing.map((id) => [id, null]));
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      const ids = missing.slice(at, at + AT_ONCE);
      const times = { asOf: this.time.asOf(), atLeast: this.records.atLeast };
      try {
        const { tasks } = await this.graphql.run(NextTasksDocument, { ids, ...times }, signal);
        if (signal.aborted) return;
        // The first is due first, so it is set last.
        this.add(tasks.nodes.toReversed().map((task) => [task.relatedToId!, task]));
      } catch {
        return; // A board without tasks is better than none.
      }
    }
  }

  private add(entries: readonly (readonly [string, NextTask | null])[]): void {
    this.known.update((known) => new Map([...known, ...entries]));
  }
  private forget(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.known.set(new Map());
  }
}
