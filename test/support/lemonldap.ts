import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '#platform/config/environment';
import { testCertificate } from './certificates.js';
import { librariesOf } from './debian-files.js';
import { ServerProgram } from './server-program.js';

/** Unpacked packages the run found; empty without them. */
const files = environment['CLIENTFORGE_LEMONLDAP'];

/** Why specs with LemonLDAP::NG do not run, for their titles; empty when they do. */
export const withoutLemonLdap = files ? '' : 'skipped: lemonldap-ng';

const START = 'my $r = Plack::Runner->new; $r->parse_options(@ARGV); $r->run';
const APPLICATION = 'use Lemonldap::NG::Portal::Main;\nLemonldap::NG::Portal::Main->run({});\n';
const BASIC = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';

/** LemonLDAP::NG as an identity provider, with the people of its own demonstration. */
export class LemonLdap extends ServerProgram {
  /** Somebody of the demonstration; the password is the name. */
  readonly person = { user: 'dwho', domain: 'badwolf.org' };

  /** Starts it on a port for one service provider, given by its metadata. */
  static async start(port: number, serviceProvider: string): Promise<LemonLdap> {
    const url = `http://127.0.0.1:${port}`;
    const folder = mkdtempSync(join(tmpdir(), 'clientforge-lemonldap-'));
    const at = (...names: string[]) => join(folder, ...names);
    const store = (name: string) => {
      mkdirSync(at(name, 'lock'), { recursive: true });
      const generateModule = 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256';
      return { Directory: at(name), LockDirectory: at(name, 'lock'), generateModule };
    };
    const cache = (namespace: string) => ({
      ...{ namespace, cache_root: at('cache'), cache_depth: 3 },
      ...{ default_expires_in: 600, directory_umask: '007' },
    });
    const { privateKey, certificate } = testCertificate('lemonldap');
    const configuration = {
      ...{ cfgNum: 1, cfgVersion: '2.16.1', cfgAuthor: 'spec', cfgDate: '1' },
      ...{ authentication: 'Demo', userDB: 'Same', passwordDB: 'Null', registerDB: 'Null' },
      ...{ domain: '127.0.0.1', cookieName: 'lemonldap', securedCookie: 0, portal: `${url}/` },
      ...{ key: 'of this run alone', requireToken: 0, timeout: 72_000 },
      demoExportedVars: { cn: 'cn', mail: 'mail', uid: 'uid' },
      ...{ exportedVars: {}, groups: {}, locationRules: {}, exportedHeaders: {} },
      ...{ macros: { _whatToTrace: '$_user' }, whatToTrace: '_whatToTrace' },
      ...{ globalStorage: 'Apache::Session::File', globalStorageOptions: store('sessions') },
      ...{ persistentStorage: 'Apache::Session::File', persistentStorageOptions: store('own') },
      ...{ samlStorage: 'Apache::Session::File', samlStorageOptions: store('saml') },
      localSessionStorage: 'Cache::FileCache',
      localSessionStorageOptions: cache('sessions'),
      issuerDBSAMLActivation: 1,
      samlServicePrivateKeySig: privateKey,
      samlServicePublicKeySig: certificate,
      samlServiceSignatureMethod: 'RSA_SHA256',
      samlServiceUseCertificateInResponse: 1,
      samlSPMetaDataXML: { crm: { samlSPMetaDataXML: serviceProvider } },
      samlSPMetaDataOptions: {
        crm: {
          samlSPMetaDataOptionsNameIDFormat: 'email',
          samlSPMetaDataOptionsSignSSOMessage: 1,
          samlSPMetaDataOptionsSignatureMethod: 'RSA_SHA256',
          samlSPMetaDataOptionsEncryptionMode: 'none',
          samlSPMetaDataOptionsCheckSSOMessageSignature: 0,
        },
      },
      samlSPMetaDataExportedAttributes: {
        crm: { mail: `1;mail;${BASIC};`, cn: `0;cn;${BASIC};` },
      },
    };
    for (const name of ['conf', 'cache', 'lib/GD']) mkdirSync(at(name), { recursive: true });
    const options = Object.entries(cache('configuration'))
      .map(([name, value]) => `'${name}' => '${value}'`)
      .join(', ');
    const templates = join(files!, 'usr/share/lemonldap-ng/portal/templates');
    const written = {
      'conf/lmConf-1.json': JSON.stringify(configuration),
      'lemonldap-ng.ini': `[all]
logLevel = error
[configuration]
type = File
dirName = ${at('conf')}
localStorage = Cache::FileCache
localStorageOptions = { ${options} }
[portal]
staticPrefix = /static
templateDir = ${templates}
languages = en
`,
      'app.psgi': APPLICATION,
      // It loads what draws its pictures for people who are no robots, and draws none here.
      'lib/GD/SecurityImage.pm': 'package GD::SecurityImage;\nsub import {}\n1;\n',
    };
    for (const [name, text] of Object.entries(written)) writeFileSync(at(name), text);
    const modules = ['usr/share/perl5', 'usr/lib/x86_64-linux-gnu/perl5/5.36'];
    const { LD_LIBRARY_PATH } = librariesOf(files!);
    const child = spawn(
      'perl',
      [
        ...[`-I${at('lib')}`, '-MPlack::Runner', '-e', START, '--', '-E', 'production'],
        ...['--listen', `127.0.0.1:${port}`, at('app.psgi')],
      ],
      {
        stdio: 'ignore',
        env: {
          PATH: environment['PATH'] ?? '',
          PERL5LIB: modules.map((name) => join(files!, name)).join(':'),
          LD_LIBRARY_PATH: `${LD_LIBRARY_PATH}:${join(files!, 'usr/lib')}`,
          LLNG_DEFAULTCONFFILE: at('lemonldap-ng.ini'),
        },
      },
    );
    const started = new LemonLdap(url, folder, child);
    await started.answers();
    return started;
  }

  get metadataUrl(): string {
    return `${this.url}/saml/metadata`;
  }
}
