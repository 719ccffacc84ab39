import type { Config } from '#platform/config/config';
import { Erasure } from '#platform/erasure/erasure';
import { ErasureList } from '#platform/erasure/erasure-list';
import type { Platform } from '#platform/platform';
import { ImportFiles } from '../import/import-files.js';
import { importFilesReach } from './import-files-reach.js';

export type ErasureConfig = Pick<Config, 'dataDir' | 'importMaxBytes' | 'erasuresDir'>;

/** What erases people in this product, wherever it keeps something of them. */
export function erasureOf(platform: Platform, config: ErasureConfig): Erasure {
  const files = new ImportFiles(config.dataDir, config.importMaxBytes);
  return new Erasure({
    platform,
    list: new ErasureList(config.erasuresDir),
    reaches: [importFilesReach(files)],
    farewells: { contact: 'DeleteContact', user: 'DeactivateUser' },
  });
}
