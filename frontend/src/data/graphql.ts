import { Injectable, inject } from '@angular/core';
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

/** Runs GraphQL documents; expected refusals are data, everything else throws an `ApiError`. */
@Injectable({ providedIn: 'root' })
export class Graphql {
  private readonly api = inject(Api);

  async run<Result, Variables>(
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
