import type { Queryable } from '../postgres/database.js';
import { compareEntries } from './compare.js';
import type { EntryCursor } from './entry-cursor.js';
import type { Findings } from './findings.js';
import { MerkleTree } from './merkle.js';
import type { OutsideCopy } from './outside-copy.js';
import { pairsOf, type Pair } from './pairs.js';
import type { SealKeys } from './seal-keys.js';
import { sealsFrom } from './seal-table.js';
import {
  BEFORE_ALL,
  comparePlaces,
  entriesRoot,
  FIRST,
  leafOf,
  lineOfSeal,
  SEAL_SIZE,
  sealHash,
  sealOfLine,
  unpackEntries,
  type Entry,
  type Seal,
} from './seal.js';

/** A seal this young may still be on its way to the copy. */
const ON_ITS_WAY_MS = 60_000;
/** Events kept to be compared where far more are there than were sealed. */
const KEPT = 5 * SEAL_SIZE;

export interface SealReport {
  /** Seals that were looked at. */
  readonly seals: number;
  /** Events whose place and hash a genuine seal confirms. */
  readonly sealed: number;
  readonly sealedUntil: string | null;
  /** Events behind the last seal. */
  readonly unsealed: number;
  /** Worth knowing though nothing is wrong. */
  readonly notices: readonly string[];
}

/** Checks seals, their chain, their signatures, their copy, and the events they cover. */
export class SealCheck {
  private readonly notices: string[] = [];
  private readonly given: { readonly number: number; readonly resumes: number }[] = [];
  private seals = 0;
  private sealed = 0;
  private sealedUntil: string | null = null;
  private to = BEFORE_ALL;
  /** Hash of the seal before; undefined where that one is not known. */
  private previous: string | undefined = FIRST;

  constructor(
    private readonly query: Queryable,
    private readonly parts: {
      readonly keys: SealKeys;
      readonly copy: OutsideCopy;
      /** Bytes of the copy that are older than what `query` sees. */
      readonly copied: number;
      readonly now: Date;
      readonly findings: Findings;
    },
    private readonly tenantId: string,
  ) {}

  async run(events: EntryCursor): Promise<SealReport> {
    const { findings, copy, copied } = this.parts;
    await this.readResumed();
    const pairs = pairsOf(
      sealsFrom(this.query, this.tenantId, 1, true),
      copy.lines(this.tenantId, copied),
      (line) =>
        findings.aboutSeal(line, 'inserted', `Line ${line} of the copy has no place there.`),
    );
    let expected = 1;
    for await (const pair of pairs) {
      for (; expected < pair.number; expected += 1) this.gone(expected);
      expected = pair.number + 1;
      this.seals += 1;
      await this.check(pair, events);
    }
    const unsealed = await events.skip();
    const { notices, seals, sealed, sealedUntil } = this;
    return { seals, sealed, sealedUntil, unsealed, notices };
  }

  private gone(number: number): void {
    this.previous = undefined;
    const message = 'The seal is neither in the database nor in the copy.';
    this.parts.findings.aboutSeal(number, 'missing', message);
  }

  private async check(pair: Pair, events: EntryCursor): Promise<void> {
    const { findings } = this.parts;
    const found = this.genuine(pair);
    if (!found) {
      this.previous = undefined;
      return;
    }
    const { seal, content } = found;
    if (this.previous !== undefined && seal.previous !== this.previous) {
      findings.aboutSeal(seal.number, 'inserted', 'The seal does not follow the one before it.');
    }
    this.previous = sealHash(content);
    if (this.given.some((one) => seal.number > one.resumes && seal.number < one.number)) return;
    if (comparePlaces(seal.from, this.to) > 0) {
      // The seals in between are told already; nothing can be said of what they covered.
      const events_ = await events.skip(seal.from);
      if (events_ > 0) this.notices.push(`${events_} events before seal ${seal.number}: no seal.`);
    } else if (seal.from !== this.to) {
      findings.aboutSeal(seal.number, 'inserted', 'The seal covers what another one covers.');
    }
    this.to = seal.to;
    this.sealedUntil = seal.sealedAt;
    if (seal.resumes === undefined) await this.checkEvents(seal, pair, events);
    else this.tellResumed(seal);
  }

  /** The seal, from wherever it is genuine; whatever does not agree is told. */
  private genuine({ number, row, line }: Pair): { seal: Seal; content: string } | undefined {
    const { keys, findings, now } = this.parts;
    const open = (signed: { content: string; signature: string } | undefined) => {
      const seal = signed ? keys.open(signed) : 'cannot be read';
      if (!signed || typeof seal === 'string') return seal as string;
      if (seal.number !== number || seal.tenant !== this.tenantId) return 'belongs elsewhere';
      return { seal, content: signed.content };
    };
    const inTable = row && open(row);
    const inCopy = line === undefined ? undefined : open(sealOfLine(line));
    if (typeof inTable === 'string') {
      findings.aboutSeal(number, 'altered', `The seal in the database ${inTable}.`);
    }
    if (typeof inCopy === 'string') {
      findings.aboutSeal(number, 'altered', `The seal in the copy ${inCopy}.`);
    }
    const table = typeof inTable === 'object' ? inTable : undefined;
    const copied = typeof inCopy === 'object' ? inCopy : undefined;
    if (!row) findings.aboutSeal(number, 'missing', 'The seal is in the copy alone.');
    if (table && line === undefined) {
      const age = now.getTime() - Date.parse(table.seal.sealedAt);
      if (age > ON_ITS_WAY_MS) {
        findings.aboutSeal(number, 'missing', 'The seal is not in the copy outside the database.');
      }
    }
    if (table && copied && lineOfSeal(row!) !== line) {
      findings.aboutSeal(number, 'altered', 'The copy has another seal than the database.');
    }
    // Where both are genuine and differ, the one outside is the one nobody could exchange.
    return copied ?? table;
  }

  private async checkEvents(seal: Seal, { row }: Pair, events: EntryCursor): Promise<void> {
    const { findings } = this.parts;
    const tree = new MerkleTree();
    const actual: Entry[] = [];
    for await (const entry of events.take(seal.to)) {
      tree.add(leafOf(this.tenantId, entry));
      if (actual.length < KEPT) actual.push(entry);
    }
    const listed = row?.entries ? unpackEntries(row.entries) : undefined;
    const sound = listed && entriesRoot(this.tenantId, listed) === seal.root;
    if (row && !sound) {
      const message = 'The list of the events it covers does not have its root.';
      findings.aboutSeal(seal.number, 'altered', message);
    }
    if (tree.size === seal.events && tree.root() === seal.root) {
      this.sealed += tree.size;
    } else if (sound) {
      compareEntries(findings, seal, listed, actual);
    } else {
      const range = `behind ${seal.from} up to ${seal.to} of the feed`;
      const counts = `${seal.events} events were sealed and ${tree.size} are there`;
      const message = `${counts}, ${range}; they are not the same.`;
      findings.aboutSeal(seal.number, 'altered', message);
    }
  }

  private async readResumed(): Promise<void> {
    const { keys, copy, copied } = this.parts;
    const { rows } = await this.query.query<{ content: string; signature: string }>(
      `SELECT content, signature FROM es_seal WHERE tenant_id = $1 AND content LIKE '%"resumes":%'`,
      [this.tenantId],
    );
    const take = (signed: { content: string; signature: string } | undefined) => {
      const seal = signed && keys.open(signed);
      if (typeof seal !== 'object' || seal.resumes === undefined) return;
      if (seal.tenant === this.tenantId) {
        this.given.push({ number: seal.number, resumes: seal.resumes });
      }
    };
    rows.forEach(take);
    for await (const line of copy.lines(this.tenantId, copied)) {
      if (line.includes('"resumes":')) take(sealOfLine(line));
    }
  }

  private tellResumed({ number, resumes = 0, reason, sealedAt, total }: Seal): void {
    const range = `Seals ${resumes + 1} to ${number - 1}`;
    const kept = `the log went on from seal ${resumes}, with ${total} events`;
    this.notices.push(`${range} were given up at ${sealedAt}, and ${kept}: ${reason}`);
  }
}
