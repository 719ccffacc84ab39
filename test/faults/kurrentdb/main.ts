import { once } from 'node:events';
import { startFakeKurrentDb } from './fake-kurrentdb.js';

// A process of its own, as a server is: prints its URL and runs until it is asked to end.
const fake = await startFakeKurrentDb({ version: process.argv[2] ?? '26.1.0' });
process.stdout.write(`${fake.url}\n`);
await once(process, 'SIGTERM');
await fake.stop();
