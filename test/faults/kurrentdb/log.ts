/** What an append expects of a stream before it. */
export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

/** What a stream is: its last revision, or why it has none to append behind. */
export type Actual = bigint | 'no_stream' | 'deleted' | 'tombstoned';

export interface NewRecord {
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly json: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface LogRecord extends NewRecord {
  readonly revision: bigint;
  readonly commit: bigint;
  readonly prepare: bigint;
  /** Milliseconds since 1970. */
  readonly created: number;
}

export interface Expectation {
  readonly stream: string;
  readonly expected: Expected;
}

export interface Mismatch extends Expectation {
  readonly index: number;
  readonly actual: Actual;
}

export type Written =
  | {
      readonly status: 'written';
      readonly commit: bigint;
      readonly prepare: bigint;
      /** The last revision of each stream after the append, in the order of the expectations. */
      readonly revisions: readonly bigint[];
    }
  | { readonly status: 'refused'; readonly mismatches: readonly Mismatch[] };

export interface Place {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export interface LogOptions {
  /** Where the log begins. */
  readonly firstPosition?: bigint;
  /** What it holds from the start, as a backup of another one has it. */
  readonly records?: readonly LogRecord[];
  /** Records of one append to several streams share their commit position. */
  readonly sharedCommits?: boolean;
}

/** The revision of a tombstone, and the truncation of a deleted stream. */
export const LAST_REVISION = 2n ** 63n - 1n;
const RECORD_OVERHEAD = 100n;

interface Stream {
  readonly records: LogRecord[];
  readonly revisions: Map<string, bigint>;
  tombstoned: boolean;
}

type Verdict = { readonly actual: Actual } | { readonly repeated: bigint } | 'fits';

/** The fake server's log: every stream and the order of all records, in memory. */
export class FakeLog {
  readonly all: LogRecord[] = [];
  private readonly streams = new Map<string, Stream>();
  private changes = Promise.withResolvers<void>();
  private end: bigint;

  constructor(private readonly options: LogOptions = {}) {
    this.end = options.firstPosition ?? 1_000n;
    for (const record of options.records ?? []) this.keep(record);
  }

  private keep(record: LogRecord): void {
    const { records, revisions } = this.stream(record.stream);
    this.all.push(record);
    records.push(record);
    revisions.set(record.id, record.revision);
    this.end = record.prepare + sizeInLog(record);
  }

  /** Resolves with the next append. */
  changed(): Promise<void> {
    return this.changes.promise;
  }

  /**
   * Appends as the real server does: all or nothing, and what was appended before under the same
   * ids at the same place is answered as it was then.
   */
  append(expectations: readonly Expectation[], records: readonly NewRecord[]): Written {
    const own = ({ stream }: Expectation) => records.filter((one) => one.stream === stream);
    const verdicts = expectations.map((one) => this.judge(one, own(one)));
    const repeated = verdicts.flatMap((one) => (isRepeated(one) ? [one] : []));
    const mismatches = expectations.flatMap((one, index): Mismatch[] => {
      const verdict = verdicts[index]!;
      if (verdict !== 'fits' && 'actual' in verdict) return [{ ...one, index, ...verdict }];
      // Half of it was written before: the whole is no repetition and cannot be written either.
      const half = verdict === 'fits' && repeated.length > 0 && own(one).length > 0;
      return half ? [{ ...one, index, actual: this.actual(one.stream) }] : [];
    });
    if (mismatches.length > 0) return { status: 'refused', mismatches };
    if (repeated.length > 0) return this.asBefore(expectations, verdicts);
    this.write(records);
    const revisions = expectations.map(({ stream }) => this.lastRevision(stream));
    const last = this.all.at(-1);
    return {
      status: 'written',
      commit: last?.commit ?? 0n,
      prepare: last?.prepare ?? 0n,
      revisions,
    };
  }

  /** Takes the stream for ever: its records stay, nothing can read them as a stream. */
  tombstone(stream: string, expected: Expected): Written {
    return this.close(stream, expected, () => {
      const found = this.stream(stream);
      found.tombstoned = true;
      const type = '$streamDeleted';
      this.place([{ ...system(stream, type, ''), revision: LAST_REVISION }]);
    });
  }

  /** Hides the stream's records; what is appended next goes on behind them. */
  delete(stream: string, expected: Expected): Written {
    return this.close(stream, expected, () =>
      this.write([system(metastreamOf(stream), '$metadata', `{"$tb":${LAST_REVISION}}`)]),
    );
  }

  /** What the stream is now. */
  actual(stream: string): Actual {
    if (this.streams.get(stream)?.tombstoned) return 'tombstoned';
    const last = this.lastRevision(stream);
    if (this.metadata(stream).truncateBefore === LAST_REVISION) return 'deleted';
    return last < 0n ? 'no_stream' : last;
  }

  /** The stream's records that a reader may see, oldest first. */
  visible(stream: string): readonly LogRecord[] {
    const records = this.streams.get(stream)?.records ?? [];
    const { truncateBefore, maxCount } = this.metadata(stream);
    const last = BigInt(records.length) - 1n;
    const oldest = maxCount === undefined ? 0n : last - maxCount + 1n;
    const first = truncateBefore > oldest ? truncateBefore : oldest;
    if (first > last) return [];
    return first <= 0n ? records : records.slice(Number(first));
  }

  /** How many records of the whole log are before a place. */
  before({ commit, prepare }: Place): number {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const record = this.all[middle]!;
      const earlier =
        record.commit < commit || (record.commit === commit && record.prepare < prepare);
      if (earlier) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private judge({ stream, expected }: Expectation, records: readonly NewRecord[]): Verdict {
    const actual = this.actual(stream);
    if (actual === 'tombstoned') return { actual };
    const found = this.streams.get(stream);
    const last = this.lastRevision(stream);
    if (expected === 'any' || expected === 'stream_exists') {
      const exists = typeof actual === 'bigint' || this.lastRevision(metastreamOf(stream)) >= 0n;
      const missing = actual === 'deleted' || !exists;
      if (expected === 'stream_exists' && missing) return { actual };
      const places = records.map(({ id }) => found?.revisions.get(id));
      if (places[0] === undefined) return 'fits';
      return places.includes(undefined) ? { actual } : { repeated: places.at(-1)! };
    }
    const wanted = expected === 'no_stream' ? -1n : expected;
    if (wanted === last) return 'fits';
    if (wanted > last) return { actual };
    const other = records.findIndex(
      ({ id }, index) => found?.records[Number(wanted) + 1 + index]?.id !== id,
    );
    if (records.length > 0 && other < 0) return { repeated: wanted + BigInt(records.length) };
    const anew = expected === 'no_stream' && actual === 'deleted' && other <= 0;
    return anew ? 'fits' : { actual };
  }

  private asBefore(expectations: readonly Expectation[], verdicts: readonly Verdict[]): Written {
    const revisions = expectations.map(({ stream }, index) => {
      const verdict = verdicts[index]!;
      return isRepeated(verdict) ? verdict.repeated : this.lastRevision(stream);
    });
    const places = expectations.flatMap(({ stream }, index) => {
      const record = this.streams.get(stream)?.records[Number(revisions[index])];
      return isRepeated(verdicts[index]!) && record ? [record] : [];
    });
    const { commit, prepare } = places.reduce((a, b) => (b.prepare > a.prepare ? b : a));
    return { status: 'written', commit, prepare, revisions };
  }

  private write(records: readonly NewRecord[]): void {
    const reopened = new Set(
      records.map(({ stream }) => stream).filter((name) => this.actual(name) === 'deleted'),
    );
    const reopening = [...reopened].map((stream) => {
      const next = this.lastRevision(stream) + 1n;
      return system(metastreamOf(stream), '$metadata', `{"$tb":${next}}`);
    });
    this.place([...records, ...reopening].map((record) => ({ ...record, revision: undefined })));
  }

  private place(records: readonly (NewRecord & { readonly revision: bigint | undefined })[]): void {
    const starts = records.map((record) => {
      const start = this.end;
      this.end += sizeInLog(record);
      return start;
    });
    const several = new Set(records.map(({ stream }) => stream)).size > 1;
    const shared = several && this.options.sharedCommits ? this.end++ : undefined;
    const created = Date.now();
    records.forEach((record, index) => {
      const { records: own, revisions, tombstoned } = this.stream(record.stream);
      const prepare = starts[index]!;
      const revision = record.revision ?? BigInt(own.length);
      const stored = { ...record, revision, commit: shared ?? prepare, prepare, created };
      this.all.push(stored);
      if (tombstoned) return;
      own.push(stored);
      revisions.set(record.id, revision);
    });
    const { resolve } = this.changes;
    this.changes = Promise.withResolvers();
    resolve();
  }

  private close(stream: string, expected: Expected, how: () => void): Written {
    const verdict = this.judge({ stream, expected }, []);
    if (verdict !== 'fits' && 'actual' in verdict) {
      return { status: 'refused', mismatches: [{ stream, expected, index: 0, ...verdict }] };
    }
    how();
    const { commit, prepare } = this.all.at(-1)!;
    return { status: 'written', commit, prepare, revisions: [this.lastRevision(stream)] };
  }

  private stream(name: string): Stream {
    const found = this.streams.get(name);
    if (found) return found;
    const made = { records: [], revisions: new Map<string, bigint>(), tombstoned: false };
    this.streams.set(name, made);
    return made;
  }

  /** The revision of its last record, seen or not; -1 without any. */
  lastRevision(stream: string): bigint {
    return BigInt(this.streams.get(stream)?.records.length ?? 0) - 1n;
  }

  // By pattern: JSON.parse would round the truncation of a deleted stream.
  private metadata(stream: string): { truncateBefore: bigint; maxCount: bigint | undefined } {
    const record = this.streams.get(metastreamOf(stream))?.records.at(-1);
    if (!record) return { truncateBefore: 0n, maxCount: undefined };
    const text = Buffer.from(record.data).toString();
    const number = (name: string) => new RegExp(`"\\$${name}"\\s*:\\s*(\\d+)`).exec(text)?.[1];
    const maxCount = number('maxCount');
    return {
      truncateBefore: BigInt(number('tb') ?? 0),
      maxCount: maxCount === undefined ? undefined : BigInt(maxCount),
    };
  }
}

const sizeInLog = ({ data, metadata }: NewRecord): bigint =>
  RECORD_OVERHEAD + BigInt(data.length + metadata.length);

const metastreamOf = (stream: string) => `$$${stream}`;

const isRepeated = (verdict: Verdict): verdict is { readonly repeated: bigint } =>
  verdict !== 'fits' && 'repeated' in verdict;

function system(stream: string, type: string, data: string): NewRecord {
  const id = crypto.randomUUID();
  return { stream, id, type, json: true, data: Buffer.from(data), metadata: new Uint8Array() };
}
