/** What a bench measured, beside something simple measured in the same run. */
export interface Measured {
  readonly figure: number;
  readonly baseline: number;
  readonly baselineName: string;
  /** What else a reader should know, for example the median beside a percentile. */
  readonly note?: string;
  /** What went wrong while it was measured: then the row fails, whatever its figure. */
  readonly broken?: string;
}

/**
 * One figure with its baseline, and the bars it must clear: `least` and `leastRatio` where more is
 * better, `most` and `mostRatio` where less is.
 */
export interface Bench {
  readonly name: string;
  readonly unit: string;
  readonly leastRatio?: number;
  readonly least?: number;
  readonly mostRatio?: number;
  readonly most?: number;
  /** What it needs and does not have: then it is told and not run. */
  readonly missing?: string;
  run(): Promise<Measured>;
}

export interface Row extends Measured {
  readonly name: string;
  readonly unit: string;
  readonly ratio: number;
  /** The bars in words; absent where the figure only informs. */
  readonly bar?: string;
  readonly holds: boolean;
}

/** How often `work` completes per second, with `clients` calls under way at any time. */
export async function rate(
  clients: number,
  milliseconds: number,
  work: (client: number) => Promise<unknown>,
): Promise<number> {
  let done = 0;
  const start = performance.now();
  const end = start + milliseconds;
  const loop = async (client: number) => {
    while (performance.now() < end) {
      await work(client);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => loop(client)));
  return (done * 1000) / (performance.now() - start);
}

/** The value below which this share of all values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Milliseconds each of so many calls took, one after the other, after a few to warm up. */
export async function times(
  count: number,
  work: (n: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let n = -Math.ceil(count / 10); n < count; n++) {
    const start = performance.now();
    await work(Math.abs(n));
    if (n >= 0) taken.push(performance.now() - start);
  }
  return taken;
}

/** Measures both in turns, so that what disturbs one disturbs the other; medians of the rounds. */
export async function sideBySide(
  baselineName: string,
  baseline: () => Promise<number>,
  figure: () => Promise<number>,
  rounds = 5,
): Promise<Measured> {
  const baselines: number[] = [];
  const figures: number[] = [];
  await baseline();
  await figure();
  for (let round = 0; round < rounds; round++) {
    baselines.push(await baseline());
    figures.push(await figure());
  }
  return { figure: median(figures), baseline: median(baselines), baselineName };
}

/** Runs benches one after the other; `report` gets each row as soon as it is known. */
export async function runBenches(
  benches: readonly Bench[],
  report: (row: Row) => void = (row) => console.log(lineOf(row)),
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const bench of benches) {
    if (bench.missing) {
      console.log(`${bench.name.padEnd(44)}  skipped: ${bench.missing}`);
      continue;
    }
    const row = judge(bench, await bench.run());
    rows.push(row);
    report(row);
  }
  return rows;
}

function judge(bench: Bench, measured: Measured): Row {
  const { name, unit, least, leastRatio, most, mostRatio } = bench;
  const { figure, baseline } = measured;
  const ratio = figure / baseline;
  const bars: { readonly text: string; readonly holds: boolean }[] = [];
  const bar = (text: string, holds: boolean) => bars.push({ text, holds });
  if (least !== undefined) bar(`≥ ${amount(least)}`, figure >= least);
  if (leastRatio !== undefined) bar(`≥ ${share(leastRatio)}`, ratio >= leastRatio);
  if (most !== undefined) bar(`< ${amount(most)}`, figure < most);
  if (mostRatio !== undefined) bar(`≤ ${share(mostRatio)}`, ratio <= mostRatio);
  const text = bars.map((one) => one.text).join(', ');
  const holds = measured.broken === undefined && bars.every((one) => one.holds);
  return { name, unit, ...measured, ratio, ...(text ? { bar: text } : {}), holds };
}

/** A number with as many digits as mean something. */
export function amount(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A ratio in words: percent, or a factor where percent would be unwieldy. */
export function share(ratio: number): string {
  return ratio >= 10 ? `${amount(Math.round(ratio))}×` : `${(ratio * 100).toFixed(0)} %`;
}

/** One row as a line of text. */
export function lineOf(row: Row): string {
  const { name, unit, figure, baseline, baselineName, ratio, bar, holds, note, broken } = row;
  return [
    name.padEnd(44),
    `${amount(figure)} ${unit}`.padStart(20),
    share(ratio).padStart(7),
    `of ${amount(baseline)}, ${baselineName}`,
    ...(note ? [note] : []),
    ...(broken ? [`BROKEN: ${broken}`] : []),
    ...(bar ? [`[${bar}: ${holds ? 'holds' : 'DOES NOT HOLD'}]`] : []),
  ].join('  ');
}
