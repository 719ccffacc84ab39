// The software bill of materials: what npm tells of the lockfile, in CycloneDX, checked before use.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Advice, outerPath, root, run, tail } from '../shell.mjs';
import { packagesOf } from './lockfile.mjs';

/** The bill of materials of the lockfile, as npm writes it; needs no network. */
export async function billOfMaterials(cwd = root) {
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--loglevel=error'];
  const { code, output } = await run('npm', args, { cwd, env: { PATH: outerPath() } });
  const json = output.slice(output.indexOf('{'));
  if (code !== 0 || !json) throw new Advice(`npm sbom failed:\n${tail(output)}`);
  const bill = JSON.parse(json);
  // npm takes the folder's name.
  bill.metadata.component.name = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')).name;
  return bill;
}

/** What a bill lacks of CycloneDX 1.5, or of the lockfile it should tell of. */
export function billComplaints(bill, lock) {
  const found = [];
  const { bomFormat, specVersion, serialNumber, version, metadata } = bill;
  const { components = [], dependencies = [] } = bill;
  if (bomFormat !== 'CycloneDX' || specVersion !== '1.5') found.push('It is no CycloneDX 1.5.');
  if (!/^urn:uuid:[0-9a-f-]{36}$/.test(serialNumber ?? '')) found.push('It has no serial number.');
  if (!Number.isInteger(version) || version < 1) found.push('It has no version.');
  if (!metadata?.timestamp || !metadata.component) found.push('It does not say of what it tells.');
  const references = new Set([metadata?.component?.['bom-ref']]);
  for (const one of components) {
    const { name, purl, hashes = [], 'bom-ref': reference } = one;
    if (references.has(reference)) found.push(`${reference} is there twice.`);
    references.add(reference);
    if (!one.type || !one.version || !purl?.startsWith('pkg:npm/')) {
      found.push(`${name} lacks its type, version or address.`);
    }
    const hashed = hashes.some(({ alg, content }) => alg === 'SHA-512' && content?.length === 128);
    if (!hashed) found.push(`${name} lacks its SHA-512.`);
  }
  for (const { ref, dependsOn = [] } of dependencies) {
    for (const other of [ref, ...dependsOn]) {
      if (!references.has(other)) found.push(`${other} is depended on, but not there.`);
    }
  }
  for (const { name, version: own, optional, peer } of packagesOf(lock)) {
    const there = references.has(`${name}@${own}`) || optional || peer;
    if (!there) found.push(`${name}@${own} is missing.`);
  }
  return found;
}
