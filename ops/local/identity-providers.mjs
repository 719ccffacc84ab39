import { debianFiles } from './debian.mjs';
import { run } from './shell.mjs';

// What they need of their own system, so that they run wherever Debian's packages unpack.
const XML = ['libxml2', 'libxslt1.1', 'libicu72'];

// Perl modules of LemonLDAP::NG's portal, without what they need only elsewhere.
const PERL = `
  apache-logformat-compiler apache-session cache-cache class-inspector class-xsaccessor clone
  common-sense config-inifiles convert-asn1 convert-base32 cookie-baker cpanel-json-xs
  crypt-openssl-bignum crypt-openssl-random crypt-openssl-rsa crypt-openssl-x509 crypt-rijndael
  crypt-urandom devel-stacktrace devel-stacktrace-ashtml email-date-format encode-locale error
  exporter-tiny file-find-rule file-listing file-sharedir filesys-notify-simple hash-multivalue
  html-parser html-tagset html-template html-tree http-cookies http-date http-entity-parser
  http-headers-fast http-message http-multipartparser http-negotiate io-html io-socket-ssl
  io-string ipc-sharelite json json-maybexs json-xs lasso lemonldap-ng-common
  lemonldap-ng-handler lemonldap-ng-portal list-moreutils list-moreutils-xs lwp-mediatypes
  lwp-protocol-https mouse net-http net-ssleay number-compare plack posix-strftime-compiler
  regexp-assemble regexp-ipv6 stream-buffered text-glob text-unidecode timedate try-tiny
  types-serialiser unicode-string uri www www-form-urlencoded www-robotrules
  xml-namespacesupport xml-parser xml-sax xml-sax-base xml-simple
`
  .trim()
  .split(/\s+/)
  .map((name) => `lib${name}-perl`);

/** Files of LemonLDAP::NG, for specs that sign in through it; it runs in the system's Perl 5.36. */
export async function lemonLdap() {
  if (process.env.CLIENTFORGE_LEMONLDAP) return process.env.CLIENTFORGE_LEMONLDAP;
  const { code } = await run('perl', ['-e', 'exit($^V =~ /^v5[.]36[.]/ ? 0 : 1)']);
  if (code !== 0) return undefined;
  const libraries = [
    'libffi8',
    'libglib2.0-0',
    'liblasso3',
    'libltdl7',
    'libpcre2-8-0',
    'libxmlsec1',
    'libxmlsec1-openssl',
    'libexpat1',
  ];
  return debianFiles({ name: 'lemonldap', packages: [...PERL, ...libraries, ...XML] });
}

/** Files of SimpleSAMLphp and of PHP, for specs that sign in through it; undefined without them. */
export async function simpleSamlPhp() {
  const php = ['php8.2-cli', 'php8.2-common', 'php8.2-xml', 'php8.2-mbstring', 'libonig5'];
  const libraries = ['libsodium23', 'libargon2-1', 'libedit2'];
  const packages = ['simplesamlphp', ...php, ...libraries, ...XML];
  return process.env.CLIENTFORGE_SIMPLESAMLPHP || debianFiles({ name: 'simplesamlphp', packages });
}

/** Files of pysaml2, of Python and of xmlsec1, for specs that sign in through it. */
export async function pysaml2() {
  const python = ['python3.11-minimal', 'libpython3.11-minimal', 'libpython3.11-stdlib'];
  const libraries = ['libffi8', 'libexpat1', 'libssl3'];
  const modules = ['pysaml2', 'cffi-backend', 'cryptography', 'dateutil', 'defusedxml'];
  const more = ['elementpath', 'xmlschema', 'importlib-resources', 'openssl', 'requests'];
  const web = ['urllib3', 'charset-normalizer', 'chardet', 'idna', 'certifi', 'tz', 'six'];
  const rest = ['typing-extensions', 'pkg-resources'];
  const xmlsec = ['xmlsec1', 'libxmlsec1', 'libxmlsec1-openssl', 'libltdl7'];
  const packages = [
    ...python,
    ...libraries,
    ...[...modules, ...more, ...web, ...rest].map((name) => `python3-${name}`),
    ...xmlsec,
    ...XML,
  ];
  return process.env.CLIENTFORGE_PYSAML2 || debianFiles({ name: 'pysaml2', packages });
}
