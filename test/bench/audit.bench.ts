import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { auditTenant } from '#platform/operations/audit';
import { exportTenant } from '#platform/operations/export';
import { Leases } from '#platform/projections/lease';
import { Sealer } from '#platform/seals/sealer';
import { amount, sideBySide, type Bench, type Measured } from './bench.js';
import type { Ledger } from './ledger.js';

const PAGE = 2_000;
const ROUNDS = 2;
const baselineName = 'rows as the driver gives them';

/** Events per second of a work on so many. */
async function perSecond(work: () => Promise<number>): Promise<number> {
  const start = performance.now();
  const events = await work();
  return (events * 1000) / (performance.now() - start);
}

/** Seals, audits and exports one ledger, and keeps what was made for the next. */
class Audited {
  private sealed: Promise<Measured> | undefined;

  constructor(private readonly ledger: () => Promise<Ledger>) {}

  /** All pages of the tenant's log in feed order, by the driver alone. */
  private async bareRead(): Promise<number> {
    const { ctx, platform } = await this.ledger();
    let after = ['0', '0'];
    for (let seen = 0; ;) {
      const { rows } = await platform.database.pool('feed').query<{ xid: string; pos: string }>({
        name: 'bare_ledger',
        text: `SELECT e.*, e.xid::text AS xid FROM es_event e
                  WHERE (e.epoch, e.xid, e.pos) > (1, $1::text::xid8, $2::bigint) AND tenant_id = $3
                  ORDER BY e.epoch, e.xid, e.pos LIMIT ${PAGE}`,
        values: [...after, ctx.tenantId],
      });
      seen += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return seen;
      after = [last.xid, last.pos];
    }
  }

  /** Once only: what is sealed stays so. */
  sealing(): Promise<Measured> {
    return (this.sealed ??= (async () => {
      const { platform, ctx, admin, seals } = await this.ledger();
      await this.bareRead();
      const baseline = await perSecond(() => this.bareRead());
      const { database } = platform;
      const leases = new Leases(database, 'bench');
      const sealer = new Sealer({ database, leases, ...seals, everyMs: 1_000 });
      const count = async (text: string) => {
        const { rows } = await admin((db) => db.query<{ n: string }>(text, [ctx.tenantId]));
        return Number(rows[0]!.n);
      };
      let made = 0;
      const figure = await perSecond(async () => {
        if (!(await sealer.catchUp())) throw new Error('another process seals this log');
        made = await count('SELECT count(*) AS n FROM es_seal WHERE tenant_id = $1');
        return count('SELECT count(*) AS n FROM es_event WHERE tenant_id = $1');
      });
      await sealer.close();
      return { figure, baseline, baselineName, note: `${amount(made)} seals` };
    })());
  }

  async verifying(): Promise<Measured> {
    await this.sealing();
    const { platform, ctx, seals } = await this.ledger();
    let problem: string | undefined;
    const verify = async () => {
      const parts = { database: platform.database, seals };
      const { events, intact, violations } = await auditTenant(parts, ctx.tenantId);
      if (!intact) problem = violations[0]?.message;
      return events;
    };
    return { ...(await this.besideRead(verify)), ...(problem ? { broken: problem } : {}) };
  }

  async exporting(): Promise<Measured> {
    await this.sealing();
    const measured = await this.besideRead(() => this.export());
    const { size } = statSync(await this.file());
    return { ...measured, note: `${(size / 2 ** 20).toFixed(1)} MiB` };
  }

  /** As an auditor does, with a file and a key, and nothing of ours running. */
  async verifyingOffline(): Promise<Measured> {
    await this.sealing();
    const events = await this.export();
    const { dataDir, seals } = await this.ledger();
    const [file, key] = [await this.file(), join(dataDir, 'seal-key.pem')];
    writeFileSync(key, seals.keys.publicKeys[0]!.publicKey);
    const script = join('ops', 'audit', 'verify-export.mjs');
    let problem: string | undefined;
    const measured = await sideBySide(
      'reading and parsing the file',
      () => perSecond(() => this.parse(file, events)),
      () =>
        perSecond(async () => {
          const args = [script, file, '--key', key];
          const child = spawn(process.execPath, args, { stdio: 'ignore' });
          const [code] = (await once(child, 'exit')) as [number];
          if (code !== 0) problem = `the verifier ended with ${code}`;
          return events;
        }),
      ROUNDS,
    );
    const note = 'with the start of its process';
    return { ...measured, note, ...(problem ? { broken: problem } : {}) };
  }

  private besideRead(work: () => Promise<number>): Promise<Measured> {
    return sideBySide(
      baselineName,
      () => perSecond(() => this.bareRead()),
      () => perSecond(work),
      ROUNDS,
    );
  }

  private async file(): Promise<string> {
    return join((await this.ledger()).dataDir, 'export.ndjson');
  }

  private async export(): Promise<number> {
    const { platform, ctx, seals } = await this.ledger();
    const file = createWriteStream(await this.file());
    const parts = { database: platform.database, keys: seals.keys };
    const { events } = await exportTenant(parts, ctx.tenantId, async (line) => {
      if (!file.write(line)) await once(file, 'drain');
    });
    file.end();
    await finished(file);
    return events;
  }

  private async parse(file: string, events: number): Promise<number> {
    const lines = createInterface({ input: createReadStream(file) });
    for await (const line of lines) JSON.parse(line);
    return events;
  }
}

/** How fast a log is sealed, verified where it lies, handed out, and verified elsewhere. */
export function auditBenches(ledger: () => Promise<Ledger>): readonly Bench[] {
  const audited = new Audited(ledger);
  const bench = (name: string, run: () => Promise<Measured>): Bench => ({
    ...{ name, unit: 'events/s', run },
  });
  return [
    bench('sealing', () => audited.sealing()),
    bench('audit verify', () => audited.verifying()),
    bench('events export', () => audited.exporting()),
    bench('offline verification of an export', () => audited.verifyingOffline()),
  ];
}
