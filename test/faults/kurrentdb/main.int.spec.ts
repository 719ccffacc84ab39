import { afterAll, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { builtFile } from '../processes.js';

const STARTER = `
const [file] = process.argv.slice(1);
const stdio = ['pipe', 'inherit', 'inherit'];
console.log(require('node:child_process').spawn(process.execPath, [file], { stdio }).pid);`;

let left: number | undefined;
afterAll(() => void (left === undefined || process.kill(left, 'SIGKILL')));

it('the fake KurrentDB in a process of its own ends with whoever started it, killed as well', async () => {
  const file = builtFile('test', 'faults', 'kurrentdb', 'main.js');
  const starter = spawn(process.execPath, ['-e', STARTER, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(starter.stdout)[Symbol.asyncIterator]();
  left = Number((await lines.next()).value);
  expect((await lines.next()).value).toMatch(/^kurrentdb:/);
  starter.kill('SIGKILL');
  // Both hold the output: it ends with the last of them.
  expect(await lines.next()).toMatchObject({ done: true });
  left = undefined;
}, 30_000);
