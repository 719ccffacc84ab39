import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const NEWLINE = 10;

/** Appends a line to a list; on disk once it resolves. What a crash left of one is cut off first. */
export async function appendLine(folder: string, name: string, entry: object): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(join(folder, name), 'a+', 0o600);
  try {
    const bytes = await file.readFile();
    await file.truncate(bytes.lastIndexOf(NEWLINE) + 1);
    await file.appendFile(`${JSON.stringify(entry)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  // The name of a new file has to reach the disk as well.
  const place = await open(folder, 'r');
  await place.sync().finally(() => place.close());
}

/** The lines of a list, the oldest first. @throws Error naming a line that is none. */
export async function readLines<Entry>(
  folder: string,
  name: string,
  what: string,
): Promise<readonly Entry[]> {
  const path = join(folder, name);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.flatMap((line, n) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as Entry];
    } catch {
      throw new Error(`${path}, line ${n + 1} is no ${what}; restore the file from its backup.`);
    }
  });
}
