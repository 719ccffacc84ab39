// Running programs, for scripts that must work before anything is installed: builtins only.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const binFolder = join(root, 'node_modules', '.bin');

/** A mistake the reader can act on: shown as one line, without a stack. */
export class Advice extends Error {}

/** Prints one plain line of progress. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs a program; resolves with its exit code and, unless inherited, its output. */
export function run(command, args, { env, inherit = false, cwd = root, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      // npm is a .cmd file on Windows, which only a shell can start.
      shell: process.platform === 'win32' && /npm$/.test(command),
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: exitCode(code, signal), output }));
  });
}

/** The code a shell would report: 128 + n for a program ended by signal n. */
export function exitCode(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

/** The last lines of a program's output, for a reader who wants to know why it failed. */
export function tail(output, lines = 60) {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}

/** The PATH without our own node_modules, so that npm never runs on a Node it is replacing. */
export function outerPath() {
  const parts = (process.env.PATH ?? '').split(delimiter);
  return parts.filter((part) => part !== binFolder).join(delimiter);
}

/** Node 24 or newer: the one that npm installed, or the one running this, or a clear message. */
export function node24() {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${system}-${process.arch}`;
  const file = system === 'win' ? 'bin/node.exe' : 'bin/node';
  const installed = join(root, 'node_modules', name, file);
  if (existsSync(installed)) {
    if (process.execPath === installed) return installed;
    const trial = spawnSync(installed, ['--version'], { encoding: 'utf8' });
    if (trial.status === 0) return installed;
  }
  const own = Number(process.versions.node.split('.')[0]);
  if (own >= 24) return process.execPath;
  throw new Advice(
    `ClientForge needs Node 24. npm has none that runs on ${process.platform}-${process.arch}: ` +
      `install Node 24 or newer and start again (this is Node ${process.versions.node}).`,
  );
}

/** Ends the process for a script's main function; advice is one line, surprises keep their stack. */
export async function main(task) {
  try {
    process.exitCode = (await task()) ?? 0;
  } catch (error) {
    say(error instanceof Advice ? error.message : (error.stack ?? String(error)));
    process.exitCode = 1;
  }
}
