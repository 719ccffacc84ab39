import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '#platform/config/environment';
import { testCertificate } from './certificates.js';
import { librariesOf } from './debian-files.js';
import { freePort } from './free-port.js';
import { ServerProgram } from './server-program.js';

/** Unpacked packages the run found; empty without them. */
const files = environment['CLIENTFORGE_SIMPLESAMLPHP'];

/** Why specs with SimpleSAMLphp do not run, for their titles; empty when they do. */
export const withoutSimpleSamlPhp = files ? '' : 'skipped: simplesamlphp';

/** Somebody who signs in there. */
export interface PersonThere {
  readonly user: string;
  readonly password: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

const EXTENSIONS = [
  ...['ctype', 'dom', 'iconv', 'mbstring', 'posix', 'simplexml', 'tokenizer', 'xml'],
  ...['xmlreader', 'xmlwriter'],
];

/** JSON as PHP reads it. */
const php = (value: unknown) =>
  `json_decode('${JSON.stringify(value).replaceAll(/['\\]/g, String.raw`\$&`)}', true)`;
const file = (name: string, value: unknown) => `<?php\n$${name} = ${php(value)};\n`;

/** SimpleSAMLphp as an identity provider, under PHP's own server on a free port. */
export class SimpleSamlPhp extends ServerProgram {
  readonly entityId = 'urn:example:simplesamlphp';

  static async start(people: readonly PersonThere[]): Promise<SimpleSamlPhp> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/simplesaml`;
    const folder = mkdtempSync(join(tmpdir(), 'clientforge-simplesamlphp-'));
    const at = (...names: string[]) => `${join(folder, ...names)}/`;
    for (const name of ['config', 'metadata', 'cert', 'data', 'web']) mkdirSync(at(name));
    symlinkSync(join(files!, 'usr/share/simplesamlphp/www'), join(folder, 'web', 'simplesaml'));
    const config = {
      baseurlpath: `${url}/`,
      certdir: at('cert'),
      ...{ loggingdir: at('data'), datadir: at('data'), tempdir: at('data') },
      metadatadir: at('metadata'),
      'metadata.sources': [{ type: 'flatfile', directory: at('metadata') }],
      secretsalt: 'of this run alone',
      'auth.adminpassword': 'of no account',
      timezone: 'UTC',
      'logging.handler': 'errorlog',
      'logging.level': 3,
      'enable.saml20-idp': true,
      'module.enable': { exampleauth: true, core: true, saml: true },
      'session.cookie.secure': false,
      'session.phpsession.savepath': at('data'),
      'store.type': 'phpsession',
    };
    const accounts = Object.fromEntries(
      people.map(({ user, password, attributes }) => [`${user}:${password}`, attributes]),
    );
    const { privateKey, certificate } = testCertificate('simplesamlphp');
    const written = {
      'config/config.php': file('config', config),
      'config/authsources.php': file('config', {
        people: { 0: 'exampleauth:UserPass', ...accounts },
      }),
      'cert/idp.pem': privateKey,
      'cert/idp.crt': certificate,
      'metadata/saml20-idp-hosted.php': file('metadata', {
        'urn:example:simplesamlphp': {
          ...{ host: '__DEFAULT__', privatekey: 'idp.pem', certificate: 'idp.crt', auth: 'people' },
          'signature.algorithm': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
        },
      }),
      'metadata/saml20-sp-remote.php': file('metadata', {}),
    };
    for (const [name, text] of Object.entries(written)) writeFileSync(join(folder, name), text);
    const settings = [
      `extension_dir=${join(files!, 'usr/lib/php/20220829')}`,
      ...EXTENSIONS.map((name) => `extension=${name}`),
      // It is older than this PHP, which tells of what will go away one day.
      ...['display_errors=0', 'error_reporting=8191', 'date.timezone=UTC'],
    ];
    const child = spawn(
      join(files!, 'usr/bin/php8.2'),
      [
        ...['-n', ...settings.flatMap((one) => ['-d', one])],
        ...['-S', `127.0.0.1:${port}`, '-t', join(folder, 'web')],
      ],
      {
        stdio: 'ignore',
        env: { SIMPLESAMLPHP_CONFIG_DIR: join(folder, 'config'), ...librariesOf(files!) },
      },
    );
    const started = new SimpleSamlPhp(url, folder, child);
    await started.answers();
    return started;
  }

  get metadataUrl(): string {
    return `${this.url}/saml2/idp/metadata.php`;
  }

  /** Lets a service provider in; `more` are settings of it as SimpleSAMLphp names them. */
  trust(entityId: string, acsUrl: string, more: object = {}): void {
    const known = {
      AssertionConsumerService: acsUrl,
      NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      'simplesaml.nameidattribute': 'uid',
      ...more,
    };
    const path = join(this.folder, 'metadata', 'saml20-sp-remote.php');
    writeFileSync(path, file('metadata', { [entityId]: known }));
  }
}
