import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { canonicalJson } from '../event-store/canonical-json.js';
import { comparePositions } from '../event-store/port.js';
import { rootOf } from './merkle.js';

/** Place in the feed, `epoch.xid.pos`; events are sealed in the order of these. */
export type Place = string;
export const BEFORE_ALL: Place = '0.0.0';
/** What the first seal of a tenant names as the one before it: 32 zero bytes. */
export const FIRST = '0'.repeat(64);
/** Events one seal covers at most. */
export const SEAL_SIZE = 1_000;

/** An event as a seal covers it: which it is, what it holds, and where in the feed it stands. */
export interface Entry {
  readonly streamId: string;
  readonly version: number;
  /** Of the event, hex. */
  readonly hash: string;
  readonly place: Place;
}

/** What a seal states; its canonical JSON is what is signed. */
export interface Seal {
  readonly format: 1;
  readonly tenant: string;
  /** From 1, without gaps. */
  readonly number: number;
  /** SHA-256 of the content of the seal before, hex. */
  readonly previous: string;
  /** It covers all events of the tenant behind this place … */
  readonly from: Place;
  /** … up to and including this one. */
  readonly to: Place;
  readonly events: number;
  /** Events of the tenant covered so far, these included. */
  readonly total: number;
  /** Merkle tree hash of RFC 9162 over {@link leafOf} of its events in feed order, hex. */
  readonly root: string;
  readonly sealedAt: string;
  /** Id of the key that signed. */
  readonly key: string;
  /** After a restoration: the number it goes on from; the seals in between are given up. */
  readonly resumes?: number;
  readonly reason?: string;
}

/** A seal as it is kept. */
export interface SignedSeal {
  /** Canonical JSON of the seal. */
  readonly content: string;
  /** Ed25519 over the content, base64. */
  readonly signature: string;
}

export const sealHash = (content: string): string =>
  createHash('sha256').update(content).digest('hex');

const lineOfEntry = ({ streamId, version, hash, place }: Entry) =>
  `${streamId} ${version} ${hash} ${place}`;

/** What a leaf of the tree is the hash of. */
export const leafOf = (tenantId: string, entry: Entry): string =>
  `${tenantId} ${lineOfEntry(entry)}`;

export const entriesRoot = (tenantId: string, entries: readonly Entry[]): string =>
  rootOf(entries.map((entry) => leafOf(tenantId, entry)));

/** Entries as a seal's row keeps them. */
export function packEntries(entries: readonly Entry[]): Buffer {
  return deflateRawSync(entries.map(lineOfEntry).join('\n'));
}

/** Undefined when they are not readable. */
export function unpackEntries(packed: Buffer): readonly Entry[] | undefined {
  try {
    const text = inflateRawSync(packed, { maxOutputLength: 1 << 20 }).toString();
    if (text === '') return [];
    return text.split('\n').map((line) => {
      const [streamId = '', version, hash = '', place = ''] = line.split(' ');
      return { streamId, version: Number(version), hash, place };
    });
  } catch {
    return undefined;
  }
}

/** What a seal states, or undefined when the text is no seal's. */
export function readSeal(content: string): Seal | undefined {
  try {
    const seal = JSON.parse(content) as Seal;
    const sound =
      seal.format === 1 &&
      [seal.number, seal.events, seal.total].every(Number.isSafeInteger) &&
      [seal.from, seal.to].every((place) => /^\d{1,9}\.\d{1,19}\.\d{1,19}$/.test(place));
    return sound && canonicalJson(seal) === content ? seal : undefined;
  } catch {
    return undefined;
  }
}

/** The line of a seal outside the database and in exports. */
export const lineOfSeal = ({ content, signature }: SignedSeal): string =>
  `{"seal":${content},"signature":"${signature}"}`;

/** The seal of such a line, or undefined when it is none. */
export function sealOfLine(line: string): SignedSeal | undefined {
  const parts = /^\{"seal":(\{.*\}),"signature":"([A-Za-z0-9+/]{86}==)"\}$/.exec(line);
  return parts ? { content: parts[1]!, signature: parts[2]! } : undefined;
}

/** Order in the feed: negative when `a` comes first. */
export function comparePlaces(a: Place, b: Place): number {
  return comparePositions(`${a}.0`, `${b}.0`);
}
