import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Seals } from '#platform/platform';
import { OutsideCopy } from '#platform/seals/outside-copy';
import { readSealKeys } from '#platform/seals/seal-keys';
import { HistoryWriter } from './history-writer.js';
import { MadeUp } from './made-up.js';
import { emptyWorld, skipLog, type World } from './world.js';

/** Every company has one event, every contact three: thirty thousand in all. */
const SIZE = { companies: 300, contacts: 9_900, deals: 0, changes: 2 };

/** A log, and the folder where a process that works on it keeps the keys and copies of its seals. */
export interface Ledger extends World {
  readonly dataDir: string;
  readonly seals: Seals;
}

/**
 * A log of what people did to contacts, sealed as commands seal it: the person's fields under their
 * own key, the address and browser of whoever did it under theirs. No read model has seen it.
 */
export async function openLedger(): Promise<Ledger> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clientforge-bench-'));
  const world = await emptyWorld(SIZE);
  const { platform, ctx, url } = world;
  const made = new MadeUp(SIZE);
  const writer = new HistoryWriter(platform, ctx.tenantId);
  await writer.write(made.creations());
  await writer.write(made.changes());
  await skipLog(platform, url);
  await world.admin((db) => db.query('VACUUM ANALYZE'));
  const keys = await readSealKeys({ dataDir, sealKey: undefined });
  const copy = new OutsideCopy(join(dataDir, 'seals'));
  const close = async () => {
    await world.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { ...world, dataDir, seals: { keys, copy }, close };
}
