// node ops/audit/verify-export.mjs FILE [SHA-256] [--key PEM-FILE] [--seals COPY] verifies the export
// of a tenant's log offline and says where it breaks: chains, heads, seals and their signatures. A
// public key is taken from --key, which may come several times, and only then proves who signed;
// --seals is the copy of the seals that was kept outside the database.
// Exit codes: 0 intact, 1 violated, 2 wrong usage, 3 could not run.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { inflateRawSync } from 'node:zlib';

const usage = 'node ops/audit/verify-export.mjs FILE [SHA-256] [--key PEM-FILE] [--seals COPY]';
const stop = (code, message) => {
  console.error(message);
  process.exit(code);
};
const options = { key: { type: 'string', multiple: true }, seals: { type: 'string' } };
const given = (() => {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return stop(2, `${error.message}\n${usage}`);
  }
})();
const [path, expected] = given.positionals;
if (!path || given.positionals.length > 2) stop(2, usage);

const sha = (...parts) => parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();
const hex = (...parts) => sha(...parts).toString('hex');
const millis = (instant) => new Date(instant).getTime();
const FIRST = '0'.repeat(64);
const KEPT = 20_000;

const problems = [];
const tell = (line, kind, message) => problems.push({ line, kind, message });
const streams = new Map();
const whole = createHash('sha256');
const seen = { events: 0, streams: 0, seals: 0 };
const keys = new Map();
const copy = new Map();
let [number, first, end, lastPlace] = [0, undefined, undefined, '0.0.0'];
let [previousSeal, sealedTo, sealedEvents, lastSeal] = [FIRST, '0.0.0', 0, undefined];
// Events since the last seal: what its tree is built from.
let [tree, pending, resumedSeen] = [[], [], 0];

function addKey(pem) {
  const key = createPublicKey(pem);
  keys.set(hex(key.export({ type: 'spki', format: 'der' })).slice(0, 16), key);
}

/** The hash an event should have: header, content and metadata. */
function hashOf(e) {
  const header = [
    ...[e.tenantId, e.streamId, e.version, e.eventId, e.commandId, e.type, e.schemaVersion],
    ...[e.keyId ?? '', millis(e.occurredAt), millis(e.recordedAt)],
  ].join('\n');
  return hex(Buffer.from(e.prevHash, 'hex'), header, sha(e.data), sha(e.meta));
}

function isBehind(place, other) {
  const [a, b] = [place, other].map((one) => one.split('.').map(BigInt));
  for (const index of [0, 1, 2]) if (a[index] !== b[index]) return a[index] > b[index];
  return false;
}

/** Merkle tree hash of RFC 9162: one entry per full subtree, the largest first. */
function addLeaf(roots, leaf) {
  let [size, hash] = [1, sha(Buffer.of(0), leaf)];
  for (; roots.at(-1)?.size === size; size *= 2) {
    hash = sha(Buffer.of(1), roots.pop().hash, hash);
  }
  roots.push({ size, hash });
}
const rootOf = (roots) =>
  roots.length === 0
    ? hex()
    : roots
        .map(({ hash }) => hash)
        .reduceRight((right, left) => sha(Buffer.of(1), left, right))
        .toString('hex');

/** Only the first break of a stream is told, because nothing after it can be judged. */
function checkEvent(e) {
  seen.events += 1;
  const fresh = { version: 0, hash: FIRST, broken: undefined };
  const stream = streams.get(e.streamId) ?? fresh;
  streams.set(e.streamId, stream);
  const at = `${e.streamId} revision ${e.version}`;
  const breaks = (kind, message) => {
    stream.broken = { line: number, kind, message };
    problems.push(stream.broken);
  };
  const place = e.position.slice(0, e.position.lastIndexOf('.'));
  const follows = isBehind(place, lastPlace);
  if (stream.broken) {
    // What seemed to be missing only stands elsewhere.
    if (stream.broken.missing === e.version) {
      const message = `${at} stands at line ${number}`;
      Object.assign(stream.broken, { kind: 'reordered', message });
    }
  } else if (e.tenantId !== first?.tenant || hashOf(e) !== e.hash) {
    breaks('altered', `${at} does not match its hash`);
  } else if (e.version <= stream.version) {
    breaks('inserted', `${at} is there already`);
  } else if (e.version > stream.version + 1) {
    const missing = stream.version + 1;
    breaks('missing', `${e.streamId} revision ${missing} is not there; ${e.version} follows`);
    stream.broken.missing = missing;
  } else if (e.prevHash !== stream.hash) {
    breaks('inserted', `${at} does not follow the one before it`);
  } else if (!follows) {
    breaks('reordered', `${at} stands behind a later one of the feed`);
  }
  if (follows) lastPlace = place;
  stream.version = e.version;
  stream.hash = e.hash;
  const entry = `${e.streamId} ${e.version} ${e.hash} ${place}`;
  addLeaf(tree, `${e.tenantId} ${entry}`);
  // Far more than any seal covers: from there on they are only counted.
  if (pending.length < KEPT) pending.push({ entry, place, line: number });
}

function checkSeal(line) {
  seen.seals += 1;
  const wrong = (kind, message) => tell(number, kind, `seal ${line.number} ${message}`);
  const expectedNumber = (lastSeal?.number ?? 0) + 1;
  const seal = readSeal(line, wrong);
  if (!seal) {
    previousSeal = sealedTo = undefined;
    lastSeal = { number: line.number };
    return;
  }
  if (line.number > expectedNumber) {
    tell(number, 'missing', `seal ${expectedNumber} is not there; ${line.number} follows`);
    sealedTo = undefined;
  } else if (line.number < expectedNumber || (previousSeal ?? seal.previous) !== seal.previous) {
    wrong('inserted', 'does not follow the one before it');
  }
  previousSeal = hex(line.content);
  lastSeal = seal;
  const given = first.resumed ?? [];
  if (seal.resumes !== undefined) {
    resumedSeen += 1;
    const range = `seals ${seal.resumes + 1} to ${seal.number - 1} were given up`;
    console.log(`note: ${range} at ${seal.sealedAt}: ${seal.reason}`);
  }
  if (given.some((one) => seal.number > one.resumes && seal.number < one.number)) return;
  if (seal.resumes === undefined) checkTree(seal, line, wrong);
  sealedTo = seal.to;
}

function readSeal({ number: own, content, signature }, wrong) {
  let seal;
  try {
    seal = JSON.parse(content);
  } catch {
    wrong('altered', 'cannot be read');
    return undefined;
  }
  const key = keys.get(seal.key);
  if (!key) {
    wrong('altered', `is signed with the key ${seal.key}, which was not given`);
  } else if (!verify(null, Buffer.from(content), key, Buffer.from(signature, 'base64'))) {
    wrong('altered', 'does not have the signature of its content');
  } else if (seal.number !== own || seal.tenant !== first.tenant) {
    wrong('altered', 'belongs elsewhere');
  } else {
    const copied = copy.get(own);
    if (copied && copied !== hex(content)) wrong('altered', 'is another one in the copy');
    return seal;
  }
  return undefined;
}

function checkTree(seal, { entries }, wrong) {
  if (sealedTo === undefined) {
    // Nothing can be said of what an unknown seal covered.
    pending = pending.filter(({ place }) => isBehind(place, seal.from));
    tree = [];
    for (const { entry } of pending) addLeaf(tree, `${seal.tenant} ${entry}`);
    sealedTo = seal.from;
  }
  const count = tree.reduce((sum, { size }) => sum + size, 0);
  const holds = seal.from === sealedTo && count === seal.events && rootOf(tree) === seal.root;
  if (holds) sealedEvents += count;
  else if (!compare(seal, entries)) {
    const range = `behind ${seal.from} up to ${seal.to} of the feed`;
    wrong('altered', `covers ${seal.events} events ${range}; these ${count} are others`);
  }
  tree = [];
  pending = [];
}

/** Names the events that are not those of a seal, by the list that came with it. */
function compare(seal, packed) {
  if (!packed) return false;
  let listed;
  const roots = [];
  try {
    listed = inflateRawSync(Buffer.from(packed, 'base64')).toString().split('\n');
    for (const one of listed) addLeaf(roots, `${seal.tenant} ${one}`);
  } catch {
    return false;
  }
  if (rootOf(roots) !== seal.root) return false;
  const keyOf = (entry) => entry.split(' ', 2).join(' revision ');
  const sealed = new Map(listed.map((entry, index) => [keyOf(entry), { entry, index }]));
  const told = new Set();
  let found = false;
  const name = (line, kind, key, message) => {
    const [streamId] = key.split(' ');
    found = true;
    if (told.has(streamId) || streams.get(streamId)?.broken) return;
    told.add(streamId);
    tell(line, kind, `${key} ${message}`);
  };
  for (const { entry, line } of pending) {
    const key = keyOf(entry);
    const was = sealed.get(key);
    sealed.delete(key);
    const of = `in seal ${seal.number}`;
    if (!was) name(line, 'inserted', key, `is not ${of}`);
    else if (was.entry.split(' ')[2] !== entry.split(' ')[2]) {
      name(line, 'altered', key, `does not have the hash it has ${of}`);
    } else if (was.entry !== entry) name(line, 'reordered', key, `has another place ${of}`);
  }
  for (const [key, { index }] of sealed) {
    name(number, 'missing', key, `is entry ${index + 1} of seal ${seal.number}, and not there`);
  }
  return found;
}

function checkHead({ streamId, version, hash }) {
  seen.streams += 1;
  const stream = streams.get(streamId);
  streams.delete(streamId);
  if (stream?.broken) return;
  const reached = stream?.version ?? 0;
  if (reached < version) {
    tell(number, 'truncated', `${streamId} ends at revision ${reached}; its head is ${version}`);
  } else if (reached > version) {
    const goes = `${streamId} goes on to revision ${reached}`;
    tell(number, 'inserted', `${goes} behind its head ${version}`);
  } else if (stream.hash !== hash) {
    tell(number, 'altered', `${streamId} does not end with the hash of its head`);
  }
}

function checkEnd(line) {
  end = line;
  const last = Math.max(0, ...copy.keys());
  if (last > (lastSeal?.number ?? 0)) {
    const there = `the copy goes on to seal ${last}`;
    tell(number, 'truncated', `${there}; this file ends with ${lastSeal?.number ?? 0}`);
  }
  if (resumedSeen !== (first.resumed ?? []).length) {
    tell(number, 'altered', 'seals are said to be given up, and no seal states it');
  }
  if (problems.length > 0) return;
  const counts = (one) => `${one.events} events in ${one.streams} streams, ${one.seals} seals`;
  for (const stated of [first, line]) {
    if (counts(stated) !== counts(seen)) {
      tell(number, 'altered', `${counts(stated)} were written, ${counts(seen)} are there`);
    }
  }
  const digest = whole.copy().digest('hex');
  if (problems.length === 0 && digest !== line.digest) {
    tell(number, 'altered', 'the lines do not have the digest they were written with');
  }
}

function checkFirst(line) {
  if (line.format !== 2) stop(3, `${path} is not an export of a format this script knows.`);
  first = line;
  if (!given.values.key) for (const { publicKey } of line.keys) addKey(publicKey);
}

function checkLine(text) {
  let line;
  try {
    line = JSON.parse(text);
  } catch {
    if (number === 1) stop(3, `${path} is not an export of a format this script knows.`);
    return tell(number, 'altered', 'the line is not JSON');
  }
  if (end) return tell(number, 'inserted', 'a line follows the last one');
  if (number === 1) checkFirst(line);
  else if (line.kind === 'event') checkEvent(line);
  else if (line.kind === 'seal') checkSeal(line);
  else if (line.kind === 'head') checkHead(line);
  else if (line.kind === 'end') checkEnd(line);
  else tell(number, 'inserted', `a line of the kind ${line.kind} has no place here`);
}

try {
  for (const file of given.values.key ?? []) addKey(readFileSync(file, 'utf8'));
  if (given.values.seals) {
    for await (const text of createInterface({ input: createReadStream(given.values.seals) })) {
      const content = /^\{"seal":(\{.*\}),"signature":"[^"]*"\}$/.exec(text)?.[1];
      if (content) copy.set(JSON.parse(content).number, hex(content));
    }
  }
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Infinity,
  })) {
    number += 1;
    try {
      checkLine(text);
    } catch (error) {
      tell(number, 'altered', `the line cannot be read: ${error.message}`);
    }
    whole.update(`${text}\n`);
  }
} catch (error) {
  stop(3, `${error.path ?? path} cannot be read: ${error.message}`);
}

if (!first) stop(3, `${path} is empty.`);
if (end) {
  for (const [streamId, { broken }] of streams) {
    if (!broken) tell(number, 'inserted', `${streamId} has events but no head`);
  }
} else {
  tell(number, 'truncated', `the file ends at line ${number}, before its last line`);
}
const digest = whole.digest('hex');
if (expected && problems.length === 0 && digest !== expected.toLowerCase()) {
  tell(number, 'altered', `the file has the SHA-256 ${digest}, not the one it was written with`);
}
for (const { line, kind, message } of problems) console.log(`line ${line}: ${kind}: ${message}`);
const verdict = problems.length > 0 ? `${problems.length} do not verify` : 'every chain is intact';
const counted = `${seen.events} events of tenant ${first.tenant} in ${seen.streams} streams`;
console.log(`${counted}: ${verdict}`);
const until = lastSeal?.sealedAt ? ` until ${lastSeal.sealedAt}` : '';
const whose = given.values.key
  ? 'the key given'
  : `the file's own key; compare ${[...keys.keys()]}`;
console.log(`${sealedEvents} events are sealed${until}, ${seen.seals} seals, by ${whose}`);
process.exitCode = problems.length > 0 ? 1 : 0;
