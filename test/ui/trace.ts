import type { Page } from 'playwright-core';

/** What a stretch of scrolling cost. */
export interface Frames {
  readonly frames: number;
  /** Time between frames in milliseconds, the worst 5 % left out. */
  readonly p95: number;
  /** Share of frames that came later than two would have at 60 a second. */
  readonly late: number;
  /** Longest time scripts and layout held the main thread, in milliseconds. */
  readonly longestTask: number;
}

/** Records a Chromium trace of some work, to be opened in the browser's performance panel. */
export async function traceOf(page: Page, work: () => Promise<void>): Promise<Buffer> {
  const browser = page.context().browser()!;
  const categories = [
    'devtools.timeline',
    'disabled-by-default-devtools.timeline.frame',
    'blink.user_timing',
    'toplevel',
  ];
  await browser.startTracing(page, { categories });
  await work();
  return browser.stopTracing();
}

// Runs in the browser: scrolls a little each frame and notes when frames came.
const scroll = `async ({ selector, distance, seconds }) => {
  const element = document.querySelector(selector);
  const times = [];
  let longestTask = 0;
  const watch = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
  });
  watch.observe({ type: 'longtask' });
  const start = performance.now();
  await new Promise((done) => {
    const step = (now) => {
      times.push(now);
      element.scrollTop = (distance * (now - start)) / (seconds * 1000);
      if (now - start < seconds * 1000) requestAnimationFrame(step);
      else done();
    };
    requestAnimationFrame(step);
  });
  watch.disconnect();
  return { times, longestTask, reached: element.scrollTop };
}`;

/** Scrolls an element by so many pixels in so many seconds and measures the frames. */
export async function scrollFrames(
  page: Page,
  selector: string,
  distance: number,
  seconds: number,
): Promise<Frames & { readonly reached: number }> {
  const given = JSON.stringify({ selector, distance, seconds });
  const { times, longestTask, reached } = await page.evaluate<{
    times: readonly number[];
    longestTask: number;
    reached: number;
  }>(`(${scroll})(${given})`);
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  const sorted = gaps.toSorted((a, b) => a - b);
  const late = gaps.filter((gap) => gap > 34).length / gaps.length;
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  return { frames: gaps.length, p95, late, longestTask, reached };
}
