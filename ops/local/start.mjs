// `npm start`: install and build when needed, then run the server on the Node that npm brought.
import { spawn } from 'node:child_process';
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

// npm killed outright cannot pass its fate on; a new parent process is how we notice.
function watchNpm(gone) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, 1_000);
  timer.unref();
}

await main(async () => {
  await prepare();
  const code = await serve();
  process.exit(code);
});
