/** How soon after something happened it is shown, in milliseconds. */
const SOON_MS = 100;

/** Does work soon after it is asked for: once for all who ask meanwhile, and never twice at a time. */
export class Again {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isRunning = false;
  private isDue = false;
  private last = 0;

  constructor(
    private readonly work: () => Promise<unknown>,
    /** The shortest time from the end of one round to the next, in milliseconds. */
    private readonly pauseMs = 700,
  ) {}

  ask(): void {
    this.isDue = true;
    if (this.isRunning || this.timer !== undefined) return;
    const wait = Math.max(SOON_MS, this.last + this.pauseMs - Date.now());
    this.timer = setTimeout(() => void this.run(), wait);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isDue = false;
  }

  private async run(): Promise<void> {
    this.timer = undefined;
    this.isDue = false;
    this.isRunning = true;
    try {
      await this.work();
    } finally {
      this.isRunning = false;
      this.last = Date.now();
      if (this.isDue) this.ask();
    }
  }
}
