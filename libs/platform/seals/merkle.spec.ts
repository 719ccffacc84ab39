import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MerkleTree, rootOf } from './merkle.js';

const sha = (...parts: (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** The definition of RFC 9162, section 2.1.1, word for word. */
function defined(leaves: readonly string[]): Buffer {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), leaves[0]!);
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha(Buffer.of(1), defined(leaves.slice(0, k)), defined(leaves.slice(k)));
}

describe('a Merkle tree', () => {
  it('has the root RFC 9162 defines, for every number of leaves', () => {
    const leaves = Array.from({ length: 70 }, (_, index) => `leaf ${index}`);
    const tree = new MerkleTree();
    for (let size = 0; size <= leaves.length; size++) {
      expect(tree.root()).toBe(defined(leaves.slice(0, size)).toString('hex'));
      expect(tree.size).toBe(size);
      if (size < leaves.length) tree.add(leaves[size]!);
    }
  });

  it('has the roots of the known vectors', () => {
    expect(rootOf([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(rootOf([''])).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  });
});
