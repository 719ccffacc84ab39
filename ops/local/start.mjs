// `npm start`: install and build when needed, then run the server on the Node that npm brought.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { exitCode, main, node24, root } from './shell.mjs';

// The terminal signals us, and npm forwards the same signal once more; both mean one wish to stop.
const oneWishMs = 2_000;

function serve() {
  const entry = join(root, 'dist', 'apps', 'server', 'main.js');
  const server = spawn(node24(), ['--enable-source-maps', entry, ...process.argv.slice(2)], {
    cwd: root,
    // The channel tells the server that we are gone even when we were killed outright.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // In its own group the server hears Ctrl-C only from us, once.
    detached: process.platform !== 'win32',
  });
  let wishedAt = 0;
  const stop = (signal) => {
    const again = wishedAt > 0 && Date.now() - wishedAt > oneWishMs;
    if (!wishedAt) wishedAt = Date.now();
    else if (!again) return;
    server.kill(again ? 'SIGKILL' : signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
  watchNpm(() => stop('SIGTERM'));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code, signal) => resolve(exitCode(code, signal)));
  });
}

// npm killed outright cannot pass its fate on, so we look whether it is still there. Between npm and
// us there may be a shell, which survives it.
function watchNpm(gone) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return;
  const parent = process.ppid;
  const npm = npmAbove(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && (!npm || isNpm(npm))) return;
    clearInterval(timer);
    gone();
  }, 1_000);
  timer.unref();
}

function npmAbove(pid) {
  const own = statusOf(pid);
  if (!own) return undefined;
  return isNpm(pid) ? pid : isNpm(own.parent) ? own.parent : undefined;
}

const isNpm = (pid) => /^npm/.test(statusOf(pid)?.name ?? '');

// Linux tells; elsewhere a new parent is the only sign there is.
function statusOf(pid) {
  try {
    const [, name, state, parent] = /\((.*)\) (\S) (\d+)/.exec(
      readFileSync(`/proc/${pid}/stat`, 'utf8'),
    );
    return /[ZX]/.test(state) ? undefined : { name, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

await main(async () => {
  await prepare();
  const code = await serve();
  process.exit(code);
});
