/** Work on the same keys one after the other within the process; others are not held up. */
export class KeyedLocks {
  private readonly tails = new Map<string, Promise<unknown>>();

  /** Runs the work once everything before it on any of the keys has ended, well or not. */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    // All keys are taken in one turn of the event loop, so nobody can wait for each other.
    const before = keys.flatMap((key) => this.tails.get(key) ?? []);
    const result = Promise.all(before).then(work);
    const ended = result.then(
      () => undefined,
      () => undefined,
    );
    for (const key of keys) this.tails.set(key, ended);
    void ended.then(() => {
      for (const key of keys) if (this.tails.get(key) === ended) this.tails.delete(key);
    });
    return result;
  }
}
