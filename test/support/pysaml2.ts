import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '#platform/config/environment';
import { testCertificate } from './certificates.js';
import { librariesOf } from './debian-files.js';

/** Unpacked packages the run found; empty without them. */
const files = environment['CLIENTFORGE_PYSAML2'];

/** Why specs with pysaml2 do not run, for their titles; empty when they do. */
export const withoutPysaml2 = files ? '' : 'skipped: pysaml2';

/** An identity provider made with pysaml2; it answers one request at a time, as a program. */
export class Pysaml2 {
  readonly entityId = 'urn:example:pysaml2';
  readonly signOnUrl = 'https://pysaml2.example/sso';
  private readonly folder = mkdtempSync(join(tmpdir(), 'clientforge-pysaml2-'));
  private readonly own = testCertificate('pysaml2');
  readonly certificate = this.own.certificate;

  constructor(serviceProvider: string) {
    this.write('idp.pem', this.own.privateKey);
    this.write('idp.crt', this.certificate);
    this.write('sp.xml', serviceProvider);
    this.write('xmlsec1', `#!/bin/sh\nexec "${join(files!, 'usr/bin/xmlsec1')}" "$@"\n`, 0o755);
  }

  /** The `SAMLResponse` to the request a browser was sent to `location` with. */
  answer(
    location: string,
    subject: string,
    attributes: Readonly<Record<string, readonly string[]>>,
    signResponse: boolean,
  ): string {
    const { entityId, signOnUrl } = this;
    const at = (name: string) => join(this.folder, name);
    const input = {
      ...{ entityId, signOnUrl, subject, attributes, signResponse },
      request: new URL(location).searchParams.get('SAMLRequest'),
      ...{ key: at('idp.pem'), certificate: at('idp.crt'), serviceProvider: at('sp.xml') },
      xmlsec: at('xmlsec1'),
    };
    const script = join(import.meta.dirname, '..', 'acceptance', 'sso-pysaml2.py');
    const done = spawnSync(join(files!, 'usr/bin/python3.11'), ['-s', '-B', script], {
      input: JSON.stringify(input),
      encoding: 'utf8',
      timeout: 60_000,
      env: {
        PYTHONHOME: join(files!, 'usr'),
        PYTHONPATH: join(files!, 'usr/lib/python3/dist-packages'),
        ...librariesOf(files!),
      },
    });
    if (done.status !== 0) throw new Error(done.stderr);
    return done.stdout;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write(name: string, text: string, mode = 0o600): void {
    writeFileSync(join(this.folder, name), text, { mode });
  }
}
