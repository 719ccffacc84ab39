/** What a bench measured, beside something simple measured in the same run. */
export interface Measured {
  readonly figure: number;
  readonly baseline: number;
  readonly baselineName: string;
}

/** One figure with its baseline; `leastRatio` and `least` are the bars it must clear. */
export interface Bench {
  readonly name: string;
  readonly unit: string;
  readonly leastRatio?: number;
  readonly least?: number;
  run(): Promise<Measured>;
}

export interface Row extends Measured {
  readonly name: string;
  readonly unit: string;
  readonly ratio: number;
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

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!;

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
  for (const { name, unit, least = 0, leastRatio = 0, run } of benches) {
    const measured = await run();
    const ratio = measured.figure / measured.baseline;
    const holds = measured.figure >= least && ratio >= leastRatio;
    const row = { name, unit, ...measured, ratio, holds };
    rows.push(row);
    report(row);
  }
  return rows;
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');

/** One row as a line of text. */
export function lineOf({ name, unit, figure, baseline, baselineName, ratio, holds }: Row): string {
  return [
    name.padEnd(36),
    `${whole(figure)} ${unit}`.padStart(20),
    `${(ratio * 100).toFixed(0)} %`.padStart(7),
    `of ${whole(baseline)}, ${baselineName}`,
    ...(holds ? [] : ['(below its bar)']),
  ].join('  ');
}
