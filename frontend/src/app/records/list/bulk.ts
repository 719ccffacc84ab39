import { Injectable, signal } from '@angular/core';
import { apiError, type ApiError } from '../../../data/api';
import type { RecordRow } from '../record-type';
import { errorOf, type Answer } from '../records';

/** How many commands are on their way at the same time. */
const AT_ONCE = 6;

/** What came of one record of many. */
export interface ItemResult {
  readonly row: RecordRow;
  readonly error?: ApiError;
}
export interface Progress {
  readonly text: string;
  readonly done: number;
  readonly of: number;
}

/** Runs one command per record, a few at a time, and keeps what came of each. */
@Injectable()
export class Bulk {
  private readonly at = signal<Progress | undefined>(undefined);
  readonly progress = this.at.asReadonly();

  async run(
    text: string,
    rows: readonly RecordRow[],
    work: (row: RecordRow) => Promise<Answer>,
  ): Promise<readonly ItemResult[]> {
    const results: ItemResult[] = [];
    const waiting = rows.entries();
    const step = async () => {
      for (const [index, row] of waiting) {
        results[index] = await one(row, work);
        this.at.update((before) => before && { ...before, done: before.done + 1 });
      }
    };
    this.at.set({ text, done: 0, of: rows.length });
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, step));
    } finally {
      this.at.set(undefined);
    }
    return results;
  }
}

async function one(row: RecordRow, work: (row: RecordRow) => Promise<Answer>): Promise<ItemResult> {
  try {
    const answer = await work(row);
    return answer.accepted ? { row } : { row, error: errorOf(answer) };
  } catch (error) {
    return { row, error: apiError(error) };
  }
}

/** `3 companies` or `1 company`. */
export function counted(count: number, type: { one: string; many: string }): string {
  return `${count} ${count === 1 ? type.one : type.many}`;
}
