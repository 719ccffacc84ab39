import { readFileSync } from 'node:fs';

/** Name and version from the package file, which stands above sources and builds alike. */
function find(folder: URL): string {
  try {
    const file = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
      name?: string;
      version?: string;
    };
    if (file.name === 'clientforge') return file.version ?? '0.0.0';
  } catch {
    // Not in this folder: the next one above.
  }
  const above = new URL('..', folder);
  return above.href === folder.href ? '0.0.0' : find(above);
}

export const VERSION = find(new URL('.', import.meta.url));
