import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';

/** Another maker's server that a spec runs: a process and the folder that is all it has. */
export abstract class ServerProgram {
  protected constructor(
    readonly url: string,
    protected readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** Address of its metadata, which it hands out once it is up. */
  abstract readonly metadataUrl: string;

  /** Waits until it is up, thirty seconds at most. */
  protected async answers(): Promise<void> {
    for (let attempt = 0; attempt < 300; attempt++) {
      const answer = await fetch(this.metadataUrl).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.close();
    throw new Error(`${this.metadataUrl} is not answered`);
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
