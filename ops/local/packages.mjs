// The gates of the packages: `node ops/local/packages.mjs`, or `npm run sbom -- FILE` for the bill.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licenceComplaints } from './packages/licences.mjs';
import { lockfileComplaints, packagesOf } from './packages/lockfile.mjs';
import { versionComplaints } from './packages/minimum-versions.mjs';
import { billComplaints, billOfMaterials } from './packages/sbom.mjs';
import { Advice, main, root, say } from './shell.mjs';

const text = (name) => readFileSync(join(root, name), 'utf8');
const lock = JSON.parse(text('package-lock.json'));

async function gates() {
  const packages = packagesOf(lock);
  return [
    ...lockfileComplaints(lock, JSON.parse(text('package.json')), text('.npmrc')),
    ...licenceComplaints(packages),
    ...versionComplaints(packages),
    ...billComplaints(await billOfMaterials(), lock),
  ];
}

await main(async () => {
  const [wish, file] = process.argv.slice(2);
  if (wish === '--sbom') {
    if (!file) throw new Advice('npm run sbom -- FILE');
    const bill = await billOfMaterials();
    writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
    say(`${file}: ${bill.components.length} packages`);
    return 0;
  }
  const found = await gates();
  for (const complaint of found) say(complaint);
  return found.length > 0 ? 1 : 0;
});
