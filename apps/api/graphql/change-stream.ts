import { GraphQLError } from 'graphql';

/** What a slow subscriber may have waiting; more ends the subscription. */
export const MAX_WAITING = 1_000;

const tooSlow = () =>
  new GraphQLError('There were more changes than could be delivered; read again and subscribe.', {
    extensions: { code: 'TOO_MANY_CHANGES' },
  });

/**
 * The values of a subscription: pushed by a listener, taken one by one, ended from either side. A
 * generator would not do, because one that waits cannot be told to stop.
 */
export class ValueStream<Value> implements AsyncIterableIterator<Value> {
  private readonly waiting: Value[] = [];
  private wake: (() => void) | undefined;
  private ended = false;
  private failure: Error | undefined;

  constructor(
    /** Whether the subscriber is to see a value; asked when the value's turn has come. */
    private readonly wanted: (value: Value) => Promise<boolean>,
    private readonly onEnd: () => void,
  ) {}

  get done(): boolean {
    return this.ended;
  }

  push(value: Value): void {
    if (this.ended) return;
    if (this.waiting.length < MAX_WAITING) this.waiting.push(value);
    else this.end(tooSlow());
    this.wake?.();
  }

  /** Ends the stream; what is still waiting is not delivered. */
  end(failure?: Error): void {
    if (this.ended) return;
    this.ended = true;
    this.failure = failure;
    this.waiting.length = 0;
    this.onEnd();
    this.wake?.();
  }

  async next(): Promise<IteratorResult<Value>> {
    for (;;) {
      const value = this.waiting.shift();
      if (value !== undefined && (await this.isWanted(value))) return { value, done: false };
      if (this.ended) {
        const { failure } = this;
        this.failure = undefined;
        if (failure) throw failure;
        return { value: undefined, done: true };
      }
      if (value === undefined && this.waiting.length === 0) {
        await new Promise<void>((resolve) => (this.wake = resolve));
        this.wake = undefined;
      }
    }
  }

  private async isWanted(value: Value): Promise<boolean> {
    try {
      return (await this.wanted(value)) && !this.ended;
    } catch (error) {
      this.end(error as Error);
      return false;
    }
  }

  return(): Promise<IteratorResult<Value>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  throw(error: Error): Promise<IteratorResult<Value>> {
    this.end();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
