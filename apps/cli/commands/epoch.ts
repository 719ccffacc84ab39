import { plainly, reachDatabase } from '#apps/composition/open-platform';
import { product } from '#apps/composition/product';

import { epochNeeded, openEpoch } from '#platform/operations/epoch';
import { isServed } from '#platform/operations/serving';
import { Database } from '#platform/postgres/database';
import { exit, required, type Command } from '../command.js';

export const openNewEpoch: Command = {
  words: ['epoch', 'open'],
  summary: 'Opens a new epoch of the log, after it was restored into another server.',
  options: {
    reason: { type: 'string', value: 'TEXT', required: true, description: 'Kept with the epoch.' },
  },
  example: 'clientforge epoch open --reason "restored from the backup of 1 March"',
  async run(call) {
    const reason = required(call, 'reason');
    const { url, masterKey, release } = await reachDatabase(call.config, (line) =>
      call.out.note(line),
    );
    const database = new Database({ url, masterKey, poolSize: 2 });
    try {
      if (await isServed(url)) {
        call.out.fail('SERVED', 'A server is running on this database; stop it first.');
        return exit.refused;
      }
      const why = (await epochNeeded(database))
        ? 'Log, read models and server do not fit together, so a new epoch is needed.'
        : 'Log, read models and server fit together, so no new epoch is needed.';
      if (!(await call.confirm(`${why} There is no way back. Open one?`))) {
        call.out.fail('DECLINED', 'Nothing was changed.');
        return exit.refused;
      }
      const models = product.readModels.map(({ name }) => name);
      const { epoch, reset } = await openEpoch(url, reason, models);
      call.out.answer({ epoch, reason, reset }, () => {
        call.out.line(`Epoch ${epoch} is open.`);
        if (reset.length > 0)
          call.out.line(`Begins anew with the next start: ${reset.join(', ')}.`);
      });
      return exit.done;
    } catch (error) {
      throw plainly(url, error);
    } finally {
      await database.close();
      await release();
    }
  },
};
