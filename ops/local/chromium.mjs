// Browser tests use the system's Chromium: no download at install time, no second browser.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, say } from './shell.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of a Chromium; as root on Debian it is installed when absent; undefined without one. */
export async function chromium() {
  return find() ?? (await installByApt());
}

function find() {
  if (process.env.CLIENTFORGE_CHROMIUM) return process.env.CLIENTFORGE_CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = [...names.flatMap((name) => folders.map((dir) => join(dir, name))), ...elsewhere];
  return places.find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function installByApt() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  say('installing chromium (apt-get)');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, timeoutMs: 240_000 };
  const install = ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation'];
  let result = await run('apt-get', install, options);
  if (result.code !== 0) {
    // Package lists are often absent or stale in a fresh image.
    await run('apt-get', ['update'], options);
    result = await run('apt-get', install, options);
  }
  if (result.code !== 0) say('chromium could not be installed; browser tests are skipped');
  return find();
}
