/**
 * Runs tasks side by side, so many at a time, but tasks with the same key one after the other in
 * the order in which they came. After the first error none is begun any more.
 */
export class Lanes {
  private readonly last = new Map<string, Promise<void>>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private failure: { readonly error: unknown } | undefined;

  constructor(private readonly width: number) {}

  /** Resolves once the task may run; its own end is awaited by `drain`. Throws a task's error. */
  async add(key: string, task: () => Promise<void>): Promise<void> {
    while (this.running >= this.width) await new Promise<void>((go) => this.waiting.push(go));
    if (this.failure) throw this.failure.error;
    this.running += 1;
    const before = this.last.get(key);
    const begin = () => (this.failure ? Promise.resolve() : task());
    const run = (before ? before.then(begin) : begin())
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        if (this.last.get(key) === run) this.last.delete(key);
        this.running -= 1;
        this.waiting.shift()?.();
      });
    this.last.set(key, run);
  }

  /** Waits for all tasks. */
  async drain(): Promise<void> {
    await Promise.all(this.last.values());
    if (this.failure) throw this.failure.error;
  }
}
