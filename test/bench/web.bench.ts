import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { environment } from '#platform/config/environment';
import { median, type Bench, type Measured } from './bench.js';
import type { Served } from './served.js';

const ROUNDS = 5;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];
/** What a page notes about how it was painted; runs in the browser. */
const WATCH = `
  globalThis.painted = { largest: 0, shift: 0 };
  const see = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  see('largest-contentful-paint', (entry) => { painted.largest = entry.startTime; });
  see('layout-shift', (entry) => { if (!entry.hadRecentInput) painted.shift += entry.value; });
`;

interface FirstLoad {
  /** Of all JavaScript, in kB of 1000 bytes. */
  readonly compressed: number;
  readonly plain: number;
  /** Until the largest part of the page was painted, ms. */
  readonly largestPaint: number;
  /** Cumulative layout shift. */
  readonly shift: number;
}

/** Opens the sign-in page with an empty cache, as somebody does who comes for the first time. */
async function firstLoad(url: string): Promise<FirstLoad> {
  const executablePath = environment['CLIENTFORGE_CHROMIUM']!;
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const scripts: Buffer[] = [];
    page.on('response', (response) => {
      if (!response.url().endsWith('.js')) return;
      void response.body().then((body) => scripts.push(body));
    });
    await page.addInitScript(WATCH);
    await page.goto(url, { waitUntil: 'networkidle' });
    const painted = await page.evaluate('globalThis.painted');
    const { largest, shift } = painted as { largest: number; shift: number };
    const bytes = (size: (body: Buffer) => number) =>
      scripts.reduce((sum, body) => sum + size(body), 0) / 1000;
    return {
      compressed: bytes((body) => gzipSync(body).length),
      plain: bytes((body) => body.length),
      largestPaint: largest,
      shift,
    };
  } finally {
    await browser.close();
  }
}

/** What the admin asks of somebody's connection and patience at first. */
export function webBenches(server: () => Promise<Served>): readonly Bench[] {
  if (!environment['CLIENTFORGE_CHROMIUM']) return [];
  let loads: Promise<readonly FirstLoad[]> | undefined;
  const measured = () =>
    (loads ??= (async () => {
      const { url } = await server();
      const all: FirstLoad[] = [];
      for (let round = 0; round < ROUNDS; round++) all.push(await firstLoad(url));
      return all;
    })());
  const of = async (pick: (load: FirstLoad) => number) => median((await measured()).map(pick));
  return [
    {
      name: 'first load of the admin, compressed JavaScript',
      unit: 'kB',
      most: 350,
      run: async (): Promise<Measured> => ({
        figure: await of(({ compressed }) => compressed),
        baseline: await of(({ plain }) => plain),
        baselineName: 'the same files as they are',
        note: 'gzip, sign-in page',
      }),
    },
    {
      name: 'first load of the admin, largest paint',
      unit: 'ms',
      most: 2500,
      run: async (): Promise<Measured> => ({
        figure: await of(({ largestPaint }) => largestPaint),
        baseline: 2500,
        baselineName: 'the bar',
        note: `layout shift ${(await of(({ shift }) => shift)).toFixed(3)}, bar 0.1`,
      }),
    },
  ];
}
