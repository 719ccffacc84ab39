import { Injectable, inject } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';
import type { Choices, ConflictQuestion } from './conflict-dialog';
import type { Field, RecordRow, RecordType } from './record-type';
import { Records, type Accepted, type Answer } from './records';
import { same } from './same';

/** One field that this person and somebody else changed to different values. */
export interface Conflict {
  readonly field: Field;
  readonly before: unknown;
  readonly theirs: unknown;
  readonly mine: unknown;
}
/** Everything that differs between the record a change was made on and the one there is. */
export interface Differences {
  readonly conflicts: readonly Conflict[];
  /** What they changed and this person did not. */
  readonly others: readonly Omit<Conflict, 'mine'>[];
}

export type Changes = Readonly<Record<string, unknown>>;
/** The answer to the change, or the record as others left it because this person let it be. */
export type Merged = { readonly answer: Answer } | { readonly kept: RecordRow };

/** How often and how long apart the record is read until the other change is visible. */
const [READS, PAUSE] = [12, 150];

/**
 * Changes fields of a record as the person saw it. What others changed meanwhile stays; where both
 * changed the same field, the person decides field by field.
 */
@Injectable({ providedIn: 'root' })
export class Conflicts {
  private readonly records = inject(Records);
  private readonly dialog = inject(MatDialog);
  /** The revision our own last change of a record made; nobody else's is among those before it. */
  private readonly own = new Map<string, number>();
  private readonly queues = new Map<string, Promise<unknown>>();

  /** Changes of the same record wait for each other, so that none conflicts with its own sister. */
  change(type: RecordType, row: RecordRow, changes: Changes): Promise<Merged> {
    const before = this.queues.get(row.id) ?? Promise.resolve();
    const work = before.catch(() => undefined).then(() => this.merge(type, row, changes));
    this.queues.set(row.id, work);
    const done = () => {
      if (this.queues.get(row.id) === work) this.queues.delete(row.id);
    };
    void work.then(done, done);
    return work;
  }

  private async merge(type: RecordType, row: RecordRow, changes: Changes): Promise<Merged> {
    let base = row;
    let wanted = changes;
    let revision = Math.max(row.revision, this.own.get(row.id) ?? 0);
    for (let round = 0; round < 5; round++) {
      const answer = await this.records.change(type, row.id, wanted, revision);
      if (answer.accepted) this.own.set(row.id, answer.revision);
      if (answer.accepted || answer.code !== 'REVISION_MISMATCH') return { answer };
      const theirs = await this.later(type, row.id, revision);
      if (!theirs) return { answer };
      const differences = compare(type, base, theirs, wanted);
      wanted = Object.fromEntries(
        Object.entries(wanted).filter(([name, value]) => !same(theirs[name], value)),
      );
      if (differences.conflicts.length > 0) {
        const choices = await this.ask({ type, theirs, differences });
        const isMine = ([name]: readonly [string, unknown]) => choices[name] !== 'theirs';
        wanted = Object.fromEntries(Object.entries(wanted).filter(isMine));
      }
      if (Object.keys(wanted).length === 0) return { kept: theirs };
      base = theirs;
      revision = theirs.revision;
    }
    return { answer: await this.records.change(type, row.id, wanted) };
  }

  /** The record once it shows more than `revision`. */
  private async later(
    type: RecordType,
    id: string,
    revision: number,
  ): Promise<RecordRow | undefined> {
    for (let read = 0; read < READS; read++) {
      const row = await this.records.one(type, id, { now: true });
      if (!row) return undefined;
      if (row.revision > revision) return row;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return undefined;
  }

  private async ask(question: ConflictQuestion): Promise<Choices> {
    const { ConflictDialog } = await import('./conflict-dialog');
    const opened = this.dialog.open<unknown, ConflictQuestion, Choices>(ConflictDialog, {
      data: question,
      width: '640px',
      maxWidth: 'calc(100vw - 24px)',
    });
    const theirs = question.differences.conflicts.map(({ field }) => [field.name, 'theirs']);
    return (await firstValueFrom(opened.afterClosed())) ?? Object.fromEntries(theirs);
  }
}

/** What others changed since `base`, apart from and against what is wanted. */
export function compare(
  type: RecordType,
  base: RecordRow,
  theirs: RecordRow,
  wanted: Changes,
): Differences {
  const changed = type.fields.filter(
    ({ name }) => name in base && !same(base[name], theirs[name]) && name !== 'updatedAt',
  );
  const side = (field: Field) => {
    const { name } = field;
    return { field, before: base[name] ?? null, theirs: theirs[name] ?? null };
  };
  const isWanted = ({ name }: Field) => name in wanted;
  return {
    conflicts: changed
      .filter((field) => isWanted(field) && !same(theirs[field.name], wanted[field.name]))
      .map((field) => ({ ...side(field), mine: wanted[field.name] ?? null })),
    others: changed.filter((field) => !isWanted(field)).map(side),
  };
}

/** The record an accepted change left, or the one it was merged into. */
export function recordOf(merged: Merged, row: RecordRow): RecordRow {
  if ('kept' in merged) return merged.kept;
  return (merged.answer as Accepted).record ?? row;
}
