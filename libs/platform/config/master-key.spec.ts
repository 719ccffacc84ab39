import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMasterKeys, replaceMasterKeyFile } from './master-key.js';

describe('readMasterKeys', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'clientforge-key-'));
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('takes the setting before the file', async () => {
    const masterKey = Buffer.alloc(32, 1).toString('base64');
    expect(await readMasterKeys({ masterKey, masterKeyPrevious: undefined, dataDir })).toEqual([
      Buffer.alloc(32, 1),
    ]);
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('makes one key for all who start at once, readable by its owner only', async () => {
    const settings = { masterKey: undefined, masterKeyPrevious: undefined, dataDir };
    const keys = await Promise.all([readMasterKeys(settings), readMasterKeys(settings)]);
    expect(keys[0]).toHaveLength(1);
    expect(keys[0][0]).toHaveLength(32);
    expect(keys[1]).toEqual(keys[0]);
    expect(await readMasterKeys(settings)).toEqual(keys[0]);
    expect((await stat(join(dataDir, 'keys', 'master.key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(dataDir, 'keys'))).toEqual(['master.key']);
  });

  it('refuses a damaged key file instead of replacing it', async () => {
    await mkdir(join(dataDir, 'keys'));
    await writeFile(join(dataDir, 'keys', 'master.key'), 'damaged');
    await expect(
      readMasterKeys({ masterKey: undefined, masterKeyPrevious: undefined, dataDir }),
    ).rejects.toThrow('master.key');
  });

  it('puts a new key into the file and keeps the one before, once until it is removed', async () => {
    const settings = { masterKey: undefined, masterKeyPrevious: undefined, dataDir };
    const [before] = await readMasterKeys(settings);
    await replaceMasterKeyFile(settings);
    const [now, previous] = await readMasterKeys(settings);
    expect(previous).toEqual(before);
    expect(now).not.toEqual(before);
    await replaceMasterKeyFile(settings);
    expect(await readMasterKeys(settings)).toEqual([now, previous]);
    await rm(join(dataDir, 'keys', 'master.previous.key'));
    expect(await readMasterKeys(settings)).toEqual([now]);
    expect(await readdir(join(dataDir, 'keys'))).toEqual(['master.key']);
  });
});
