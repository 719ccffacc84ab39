import { join } from 'node:path';
import type { PlatformConfig } from '../open-platform.js';

/** Folders beside the database that a backup takes along, under their names in it. */
export function foldersOf(
  config: Pick<PlatformConfig, 'dataDir' | 'sealsDir' | 'erasuresDir'>,
): Readonly<Record<'seals' | 'erasures' | 'files', string>> {
  return {
    seals: config.sealsDir,
    erasures: config.erasuresDir,
    files: join(config.dataDir, 'files'),
  };
}
