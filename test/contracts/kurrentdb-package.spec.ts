import { expect, it, jest } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogRefusedError } from '#platform/event-store/kurrentdb/errors';

const PACKAGE = '@kurrent/kurrentdb-client';

it('the client of KurrentDB is loaded at one place, when a server is configured', () => {
  const files = ['apps', 'libs', 'projections', 'event-schemas'].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
      .map((file) => join(room, file)),
  );
  const loading = files.filter((file) => {
    const text = readFileSync(file, 'utf8').replace(/import type [^;]*;/g, '');
    return text.includes(`'${PACKAGE}'`);
  });
  expect(loading).toEqual([join('libs', 'platform', 'event-store', 'kurrentdb', 'client.ts')]);
  const [once] = readFileSync(loading[0]!, 'utf8').match(/^(?!import type ).*@kurrent\/.*$/m)!;
  expect(once).toContain(`await import('${PACKAGE}')`);
});

it('without the package, a server that is configured is refused with what to install', async () => {
  jest.unstable_mockModule(PACKAGE, () => {
    throw new Error(`Cannot find package '${PACKAGE}'`);
  });
  const { KurrentDbServer } = await import('#platform/event-store/kurrentdb/server');
  const connecting = KurrentDbServer.connect({ url: 'kurrentdb://127.0.0.1:9?tls=false' });
  await expect(connecting).rejects.toThrow(LogRefusedError);
  await expect(connecting).rejects.toThrow(`npm install ${PACKAGE}@`);
});
