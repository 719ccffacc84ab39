import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reach } from '#platform/erasure/forget-jobs';
import type { ImportFiles } from '../import/import-files.js';

/** Uploaded files, and what imports keep of their rows. */
export function importFilesReach(files: ImportFiles): Reach {
  return {
    place: 'uploaded files',
    async erase(tenantId, mentions, busyIds) {
      const folder = files.folder(tenantId);
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      let [erased, busy] = [0, 0];
      for (const name of names) {
        const [id] = name.split('.') as [string];
        const path = join(folder, name);
        if (name.endsWith('.json') || !(await mentions.inFile(path))) continue;
        if (busyIds.has(id)) {
          busy += 1;
          continue;
        }
        await rm(path, { force: true });
        if (name === `${id}.csv`) await rm(join(folder, `${id}.json`), { force: true });
        erased += 1;
      }
      return { erased, busy };
    },
  };
}
