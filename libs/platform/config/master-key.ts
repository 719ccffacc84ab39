import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from './config.js';

const keyBytes = 32;

type MasterKeyConfig = Pick<Config, 'masterKey' | 'masterKeyPrevious' | 'dataDir'>;

const fileOf = ({ dataDir }: Pick<Config, 'dataDir'>, name = 'master.key') =>
  join(dataDir, 'keys', name);
const PREVIOUS = 'master.previous.key';

/**
 * The key that wraps all others: the setting, else the key file under the data folder, which the
 * first start makes. While it is being replaced the one before it follows.
 */
export async function readMasterKeys(
  config: MasterKeyConfig,
): Promise<readonly [Buffer, ...Buffer[]]> {
  const { masterKey, masterKeyPrevious: previous } = config;
  if (masterKey) {
    const keys = [masterKey, ...(previous ? [previous] : [])];
    return keys.map((key) => Buffer.from(key, 'base64')) as [Buffer, ...Buffer[]];
  }
  const current = await readKeyFile(fileOf(config));
  const old = fileOf(config, PREVIOUS);
  return (await readIfPresent(old)) === undefined ? [current] : [current, await readKeyFile(old)];
}

/**
 * Puts a new key into the key file and keeps the one before it beside. A replacement that is not
 * over is gone on with: then there are two keys, and nothing is changed.
 */
export async function replaceMasterKeyFile(config: MasterKeyConfig): Promise<void> {
  const [current, previous] = await readMasterKeys(config);
  if (previous) return;
  const draft = fileOf(config, `master.key.${randomUUID()}`);
  await writeKey(draft, randomBytes(keyBytes));
  // The old key first: at no moment may a key in use be in neither file.
  await writeKey(fileOf(config, PREVIOUS), current);
  await rename(draft, fileOf(config));
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

async function writeKey(file: string, key: Buffer): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  await handle.writeFile(`${key.toString('base64')}\n`);
  await handle.sync();
  await handle.close();
}

// Written beside and then linked, so that a crash leaves no half key and, of two processes that
// start at once, both use the key of the first.
async function makeKey(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  await writeKey(draft, randomBytes(keyBytes));
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}
