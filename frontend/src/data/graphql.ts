import { Injectable, inject, signal } from '@angular/core';
import { Api, ApiError, type Detail } from './api';

/** A document whose result and variables are known; generated ones have this shape. */
export interface Document<Result, Variables> {
  toString(): string;
  readonly __apiType?: (variables: Variables) => Result;
}

interface Answer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { code?: string; status?: number; details?: readonly Detail[] };
  }[];
}

/** Lists that do not show yet what was saved here. */
export interface Behind {
  /** When it was noticed, in milliseconds. */
  readonly since: number;
  /** Asks once more for what was not there. */
  readonly again: () => Promise<unknown>;
}

/** Runs GraphQL documents; expected refusals are data, everything else throws an `ApiError`. */
@Injectable({ providedIn: 'root' })
export class Graphql {
  private readonly api = inject(Api);
  private readonly late = signal<Behind | undefined>(undefined);
  private readonly rounds = signal(0);
  readonly behind = this.late.asReadonly();
  /** Counts how often everything shown has to be read again. */
  readonly refreshed = this.rounds.asReadonly();

  /**
   * Reads wait for the own changes by their variable `atLeast`. Lists that do not reach them in
   * time are shown as they are, and said to be behind.
   */
  async run<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Result> {
    try {
      return await this.ask(document, variables, signal);
    } catch (error) {
      if ((error as ApiError).code !== 'NOT_CAUGHT_UP') throw error;
      const again = () => this.ask(document, variables);
      this.late.update((before) => ({ since: before?.since ?? Date.now(), again }));
      return this.ask(document, { ...variables, atLeast: null }, signal);
    }
  }

  /** Whether the lists show everything saved here by now; if so, pages read again. */
  async catchUp(): Promise<void> {
    const behind = this.late();
    if (!behind) return;
    try {
      await behind.again();
      this.late.set(undefined);
      this.refresh();
    } catch {
      // Still behind, or out of reach; the next round asks again.
    }
  }
  refresh(): void {
    this.rounds.update((round) => round + 1);
  }

  private async ask<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Result> {
    const body = { query: document.toString(), variables };
    const response = await this.api.send('/graphql', { body, signal });
    const answer = (await response.json().catch(() => ({}))) as Answer<Result>;
    const id = response.headers.get('x-request-id') ?? undefined;
    const [first] = answer.errors ?? [];
    if (first) {
      const { code = 'GRAPHQL', status = response.status, details = [] } = first.extensions ?? {};
      throw new ApiError(code, first.message, status, details, id);
    }
    if (answer.data) return answer.data;
    const message = `The server answered with status ${response.status}.`;
    throw new ApiError('HTTP', message, response.status, [], id);
  }
}
