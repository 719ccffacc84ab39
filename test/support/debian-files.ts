import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Tells a program of unpacked Debian packages where its libraries are. */
export function librariesOf(files: string): { readonly LD_LIBRARY_PATH: string } {
  const lib = join(files, 'usr', 'lib');
  const folders = existsSync(lib) ? readdirSync(lib).filter((name) => /-linux-/.test(name)) : [];
  return { LD_LIBRARY_PATH: folders.map((name) => join(lib, name)).join(':') };
}
