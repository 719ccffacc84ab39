import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from './config.js';

const keyBytes = 32;

/**
 * The key that wraps all others: the setting, else the key file under the data folder, which the
 * first start makes.
 */
export async function readMasterKey(
  config: Pick<Config, 'masterKey' | 'dataDir'>,
): Promise<Buffer> {
  if (config.masterKey) return Buffer.from(config.masterKey, 'base64');
  return readKeyFile(join(config.dataDir, 'keys', 'master.key'));
}

/**
 * 32 bytes that a file holds in base64; where there is no file one is made, readable by its owner
 * only.
 * @throws Error when the file holds something else than a key; it is never replaced.
 */
export async function readKeyFile(file: string): Promise<Buffer> {
  const text = (await readIfPresent(file)) ?? (await makeKey(file));
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === keyBytes) return key;
  throw new Error(`${file} does not hold 32 bytes in base64; restore it from a backup.`);
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

// Written beside and then linked, so that a crash leaves no half key and, of two processes that
// start at once, both use the key of the first.
async function makeKey(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  const handle = await open(draft, 'w', 0o600);
  await handle.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`);
  await handle.sync();
  await handle.close();
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}
