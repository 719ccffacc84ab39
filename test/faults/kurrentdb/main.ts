import { once } from 'node:events';
import { startFakeKurrentDb } from './fake-kurrentdb.js';

// A process of its own, as a server is: prints its URL and runs until its input ends, which it does
// with whoever started it, however that one died.
const fake = await startFakeKurrentDb({ version: process.argv[2] ?? '26.1.0' });
process.stdout.write(`${fake.url}\n`);
await once(process.stdin.resume(), 'close');
await fake.stop();
