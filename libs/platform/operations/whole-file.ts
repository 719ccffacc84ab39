import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';

/** Writes a file that is there under its name only once it is whole, for this user alone. */
export async function writeWhole<Result>(
  path: string,
  work: (write: (text: string) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const part = `${path}.part`;
  const file = createWriteStream(part, { mode: 0o600, highWaterMark: 1 << 20 });
  const written = finished(file);
  // Told by the awaits below; until then it must not end the process.
  written.catch(() => undefined);
  try {
    const result = await work(async (text) => {
      if (file.errored) throw file.errored;
      if (!file.write(text)) await Promise.race([once(file, 'drain'), written]);
    });
    file.end();
    await written;
    await rename(part, path);
    return result;
  } catch (error) {
    file.destroy();
    await rm(part, { force: true });
    throw error;
  }
}
