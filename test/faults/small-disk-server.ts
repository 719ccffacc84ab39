import { rmSync, statfsSync, writeSync, openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startEmbeddedPostgres } from '#platform/postgres/embedded';

/**
 * The embedded PostgreSQL in a folder of little room, as a process of its own: it is told to fill
 * the room and to free it again, a word a line, and says the word when that is done.
 */
const dataDir = process.argv[2]!;
const filler = join(dataDir, 'filler');
const CHUNK = 256 * 1024;
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Flushed as in production: what is acknowledged has to be on the disk. */
const server = await startEmbeddedPostgres({
  dataDir,
  settings: { max_wal_size: '64MB', min_wal_size: '32MB' },
});
say(`url ${server.url}`);

function fill(): void {
  const file = openSync(filler, 'a');
  try {
    for (let size = CHUNK; size >= 4096;) {
      try {
        if (writeSync(file, Buffer.alloc(size)) < size) size /= 2;
      } catch {
        size /= 2;
      }
    }
  } finally {
    closeSync(file);
  }
}

for await (const word of createInterface(process.stdin)) {
  if (word === 'fill') fill();
  if (word === 'free') rmSync(filler, { force: true });
  const { bavail, bsize } = statfsSync(dataDir);
  say(`${word} ${bavail * bsize}`);
}
await server.stop();
