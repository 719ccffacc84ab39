import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const BUFFER = 1 << 20;
const NEWLINE = 10;

export interface Written {
  readonly bytes: number;
  /** Lines: rows, where a table was written. */
  readonly rows: number;
  readonly sha256: string;
}

/** Counts and digests what passes. */
function meter(passed: (bytes: number, rows: number) => void) {
  const hash = createHash('sha256');
  let [bytes, rows] = [0, 0];
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) rows += 1;
      passed(bytes, rows);
      done(null, chunk);
    },
  });
  return { stream, result: (): Written => ({ bytes, rows, sha256: hash.digest('hex') }) };
}

/** Writes streams one after the other into a file; on disk once it resolves. */
export async function writeFileOf(
  path: string,
  sources: AsyncIterable<Readable>,
  signal: AbortSignal,
  passed: (rows: number) => void = () => undefined,
): Promise<Written> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { stream, result } = meter((_bytes, rows) => passed(rows));
  async function* chunks() {
    for await (const source of sources) yield* source as AsyncIterable<Buffer>;
  }
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark: BUFFER });
  await pipeline(chunks, stream, file, { signal });
  const handle = await open(path, 'r+');
  await handle.sync().finally(() => handle.close());
  return result();
}

/** Reads a file through to its end; what it holds is known then. */
export async function digestOf(
  path: string,
  signal: AbortSignal,
  passed: (bytes: number) => void = () => undefined,
): Promise<Written> {
  const { stream, result } = meter((bytes) => passed(bytes));
  stream.resume();
  await pipeline(createReadStream(path, { highWaterMark: BUFFER }), stream, { signal });
  return result();
}

/** The file as a stream; what it holds must be what it held when it was written. */
export function reading(path: string, passed: (bytes: number) => void) {
  const { stream, result } = meter((bytes) => passed(bytes));
  const source = createReadStream(path, { highWaterMark: BUFFER });
  return { parts: [source, stream] as const, result };
}
