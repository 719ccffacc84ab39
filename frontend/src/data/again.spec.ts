import { Again } from './again';

describe('Again', () => {
  let done: number;
  let finish: () => void;
  let again: Again;
  beforeEach(() => {
    vi.useFakeTimers();
    done = 0;
    again = new Again(() => {
      done += 1;
      return new Promise<void>((resolve) => (finish = resolve));
    }, 700);
  });
  afterEach(() => vi.useRealTimers());

  it('does once, soon, what several ask for', async () => {
    again.ask();
    again.ask();
    expect(done).toBe(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(done).toBe(1);
  });

  it('does it again for who asks meanwhile, but never twice at a time, nor at once', async () => {
    again.ask();
    await vi.advanceTimersByTimeAsync(100);
    again.ask();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(done).toBe(1);
    finish();
    await vi.advanceTimersByTimeAsync(690);
    expect(done).toBe(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(done).toBe(2);
  });

  it('does nothing any more once it is stopped', async () => {
    again.ask();
    again.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(done).toBe(0);
  });
});
