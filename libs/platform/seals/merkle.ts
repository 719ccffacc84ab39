import { createHash } from 'node:crypto';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/**
 * The Merkle tree hash of RFC 9162, section 2.1.1, over leaves that come one by one: it keeps one
 * hash per level.
 */
export class MerkleTree {
  /** Roots of the full subtrees so far, the largest first. */
  private readonly full: { readonly size: number; readonly hash: Buffer }[] = [];
  size = 0;

  add(leaf: string): void {
    let [size, hash] = [1, sha256(LEAF, leaf)];
    for (let left = this.full.at(-1); left?.size === size; left = this.full.at(-1)) {
      this.full.pop();
      [size, hash] = [2 * size, sha256(NODE, left.hash, hash)];
    }
    this.full.push({ size, hash });
    this.size += 1;
  }

  /** Hex; of no leaf at all, the hash of nothing. */
  root(): string {
    const hashes = this.full.map(({ hash }) => hash);
    const root = hashes.reduceRight<Buffer | undefined>(
      (right, left) => (right ? sha256(NODE, left, right) : left),
      undefined,
    );
    return (root ?? sha256()).toString('hex');
  }
}

/** The root over leaves that are all there. */
export function rootOf(leaves: Iterable<string>): string {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
}
