// `npm run test:kurrentdb`: what is promised of the log, on the EventStoreDB or KurrentDB at
// KURRENTDB_URL. It writes streams of its own prefix there, and nothing of it keeps running.
import { jest } from './jest.mjs';
import { prepare } from './prepare.mjs';
import { main } from './shell.mjs';

await main(async () => {
  const { KURRENTDB_URL: url } = process.env;
  if (!url) {
    process.stdout.write('skipped: KURRENTDB_URL\n');
    return 0;
  }
  // Under another name, so that only the specs of this store leave the database for it.
  process.env.CLIENTFORGE_KURRENTDB = url;
  delete process.env.KURRENTDB_URL;
  await prepare({ parts: ['backend'], quiet: true });
  const specs = ['test/contracts/kurrentdb-', '--runInBand', ...process.argv.slice(2)];
  return (await jest('int', specs, { inherit: true })).code;
});
