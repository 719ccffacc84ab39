// node ops/audit/verify-export.mjs FILE [SHA-256] verifies the export of a tenant's log offline and
// says where it breaks. Exit codes: 0 intact, 1 violated, 2 wrong usage, 3 could not run.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const [, , path, expected] = process.argv;
if (!path) {
  console.error('node ops/audit/verify-export.mjs FILE [SHA-256]');
  process.exit(2);
}

const sha = (...parts) => parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();
const millis = (instant) => new Date(instant).getTime();

/** The hash an event should have; see "Integrity" of the log: header, content and metadata. */
function hashOf(e) {
  const header = [
    ...[e.tenantId, e.streamId, e.version, e.eventId, e.commandId, e.type, e.schemaVersion],
    ...[e.keyId ?? '', millis(e.occurredAt), millis(e.recordedAt)],
  ].join('\n');
  const previous = Buffer.from(e.prevHash, 'hex');
  return sha(previous, header, sha(e.data), sha(e.meta)).toString('hex');
}

const problems = [];
const tell = (line, kind, message) => problems.push({ line, kind, message });
const streams = new Map();
const whole = createHash('sha256');
const seen = { events: 0, streams: 0 };
let [number, first, end, last] = [0, undefined, undefined, ''];

/** Only the first break of a stream is told, because nothing after it can be judged. */
function checkEvent(e) {
  seen.events += 1;
  const fresh = { version: 0, hash: '0'.repeat(64), broken: undefined };
  const stream = streams.get(e.streamId) ?? fresh;
  streams.set(e.streamId, stream);
  const at = `${e.streamId} revision ${e.version}`;
  const breaks = (kind, message) => {
    stream.broken = { line: number, kind, message };
    problems.push(stream.broken);
  };
  const order = `${e.streamId} ${String(e.version).padStart(16, '0')}`;
  if (stream.broken) {
    // What seemed to be missing only stands elsewhere.
    if (stream.broken.missing === e.version) {
      Object.assign(stream.broken, {
        kind: 'reordered',
        message: `${at} stands at line ${number}`,
      });
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
  } else if (order < last) {
    breaks('reordered', `${at} stands behind a later one`);
  }
  last = order;
  stream.version = e.version;
  stream.hash = e.hash;
}

function checkHead({ streamId, version, hash }) {
  seen.streams += 1;
  const stream = streams.get(streamId);
  streams.delete(streamId);
  if (stream?.broken) return;
  const reached = stream?.version ?? 0;
  if (reached < version) {
    const gone = `${streamId} ends at revision ${reached}; its head is ${version}`;
    tell(number, 'truncated', gone);
  } else if (reached > version) {
    tell(
      number,
      'inserted',
      `${streamId} goes on to revision ${reached} behind its head ${version}`,
    );
  } else if (stream.hash !== hash) {
    tell(number, 'altered', `${streamId} does not end with the hash of its head`);
  }
}

function checkEnd(line) {
  end = line;
  if (problems.length > 0) return;
  const counts = (one) => `${one.events} events in ${one.streams} streams`;
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

function checkLine(text) {
  let line;
  try {
    line = JSON.parse(text);
  } catch {
    return tell(number, 'altered', 'the line is not JSON');
  }
  if (end) return tell(number, 'inserted', 'a line follows the last one');
  if (line.kind === 'export' && number === 1) first = line;
  else if (line.kind === 'event') checkEvent(line);
  else if (line.kind === 'head') checkHead(line);
  else if (line.kind === 'end') checkEnd(line);
  else tell(number, 'inserted', `a line of the kind ${line.kind} has no place here`);
}

try {
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
    if (number === 1 && first?.format !== 1) {
      console.error(`${path} is not an export of a format this script knows.`);
      process.exit(3);
    }
    whole.update(`${text}\n`);
  }
} catch (error) {
  console.error(`${path} cannot be read: ${error.message}`);
  process.exit(3);
}

if (!first) {
  console.error(`${path} is empty.`);
  process.exit(3);
}
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
console.log(
  `${seen.events} events of tenant ${first.tenant} in ${seen.streams} streams: ${verdict}`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
