import { Injectable, inject, signal } from '@angular/core';
import { ApiError, type Detail } from '../../data/api';
import { Graphql } from '../../data/graphql';
import { Time } from '../frame/time';
import type { RecordRow, RecordType, Reference } from './record-type';
import { pascal } from './record-type';
import {
  commandDocument,
  pageDocument,
  recordDocument,
  selectionOf,
  wholeSelection,
  type PageVariables,
} from './selection';

export interface Page {
  readonly rows: readonly RecordRow[];
  readonly next: string | null;
  readonly total: number;
  readonly isCapped: boolean;
}

export interface Warned {
  readonly code: string;
  readonly message: string;
  readonly records: readonly { readonly id: string }[];
}
export interface Accepted {
  readonly accepted: true;
  readonly id: string;
  readonly revision: number;
  readonly warnings: readonly Warned[];
  /** The record as the command left it. */
  readonly record: RecordRow | null;
}
/** An expected no, in the words of the API. */
export interface Refused {
  readonly accepted: false;
  readonly code: string;
  readonly category: string;
  readonly message: string;
  readonly details: readonly Detail[];
}
export type Answer = Accepted | Refused;

interface RawAnswer {
  readonly __typename: string;
  readonly position?: string;
}
interface RawPage {
  readonly page: {
    readonly nodes: readonly RecordRow[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly totalCount: number;
    readonly totalCapped: boolean;
  };
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** As it is now, whatever instant the app shows. */
  readonly now?: boolean;
  /** At this instant, whatever the app shows; null is now. */
  readonly asOf?: string | null;
  /** Waits for this position, where it is not for the own changes. */
  readonly atLeast?: string | null | undefined;
}

/** Reads and changes records of any declared type. Own writes are always seen by later reads. */
@Injectable({ providedIn: 'root' })
export class Records {
  private readonly graphql = inject(Graphql);
  private readonly time = inject(Time);
  private position: string | null = null;
  private readonly changes = signal<{ readonly collection: string; readonly id: string }>({
    collection: '',
    id: '',
  });
  /** The last change made here; pages that show such records read again. */
  readonly changed = this.changes.asReadonly();
  /** Counts how often everything shown has to be read again: back online, or caught up. */
  readonly refreshed = this.graphql.refreshed;

  /** Where reads wait for; the past needs no waiting. */
  get atLeast(): string | null {
    return this.time.isPast() ? null : this.position;
  }
  /** The same, and for a change of somebody else. */
  andAtLeast(position: string | undefined): string | null {
    if (this.time.isPast()) return null;
    return [this.position, position].filter(Boolean).join(',') || null;
  }

  async page(
    type: RecordType,
    fields: Iterable<string>,
    variables: PageVariables,
    signal?: AbortSignal,
  ): Promise<Page> {
    const document = pageDocument(type, selectionOf(type, fields));
    const times = { asOf: this.time.asOf(), atLeast: this.atLeast };
    const answer = await this.graphql.run<RawPage, object>(
      document,
      { ...times, ...variables },
      signal,
    );
    const { nodes, pageInfo, totalCount, totalCapped } = answer.page;
    const next = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    return { rows: nodes, next, total: totalCount, isCapped: totalCapped };
  }

  /** One record with all its fields; null when there is none to be seen. */
  async one(
    type: RecordType,
    id: string,
    { signal, now, asOf = now ? null : this.time.asOf(), atLeast }: ReadOptions = {},
  ): Promise<RecordRow | null> {
    const document = recordDocument(type, wholeSelection(type));
    const times = { asOf, atLeast: asOf ? null : (atLeast ?? this.position) };
    const answer = await this.graphql.run<{ record: RecordRow | null }, object>(
      document,
      { id, ...times },
      signal,
    );
    return answer.record;
  }

  create(type: RecordType, input: object): Promise<Answer> {
    return this.run(type, `create${pascal(type.record)}`, undefined, input);
  }
  /** With a revision: only if the record still is at it, else refused as `REVISION_MISMATCH`. */
  change(type: RecordType, id: string, input: object, revision?: number): Promise<Answer> {
    return this.run(type, `change${pascal(type.record)}`, id, input, revision);
  }
  archive(type: RecordType, id: string): Promise<Answer> {
    return this.run(type, `archive${pascal(type.record)}`, id);
  }
  restore(type: RecordType, id: string): Promise<Answer> {
    return this.run(type, `restore${pascal(type.record)}`, id);
  }
  delete(type: RecordType, id: string): Promise<Answer> {
    return this.run(type, `delete${pascal(type.record)}`, id);
  }

  /** Any command of a record by its name in the API: `moveDealToStage`. */
  async run(
    type: RecordType,
    command: string,
    id?: string,
    input?: object,
    revision?: number,
  ): Promise<Answer> {
    const document = commandDocument(type, command, {
      hasId: id !== undefined,
      hasInput: input !== undefined,
      hasRevision: revision !== undefined,
    });
    const variables = { id, input, expectedRevision: revision };
    const { answer } = await this.graphql.run<{ answer: RawAnswer }, object>(document, variables);
    if (answer.__typename === 'Refused') {
      return { ...(answer as unknown as Refused), accepted: false };
    }
    const accepted = { ...(answer as unknown as Accepted), accepted: true as const };
    this.position = answer.position ?? this.position;
    this.changes.set({ collection: type.collection, id: accepted.id });
    return accepted;
  }

  /** Records whose name fits, for pickers. */
  async search(type: RecordType, text: string, signal?: AbortSignal): Promise<Reference[]> {
    const search = text.trim();
    const variables = { first: 20, ...(search ? { search } : {}) };
    const page = await this.page(type, [], variables, signal);
    return page.rows.map(({ id, label }) => ({ id, label }));
  }
}

/** The refusal as an error, for callers that only need to say it. */
export function errorOf(refused: Refused): ApiError {
  const [first] = refused.details;
  const message = first && refused.details.length === 1 ? first.message : refused.message;
  return new ApiError(refused.code, message, 0, refused.details);
}
