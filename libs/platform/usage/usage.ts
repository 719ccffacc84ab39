import type { Database, Queryable } from '../postgres/database.js';

/** What is counted: requests to the API that were answered. */
export type UsageKind = 'api_requests';

const FLUSH_MS = 5_000;

/** The calendar month of an instant in UTC: `2026-11`. */
export function monthOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/**
 * Counts what workspaces use, a few seconds at a time: no request waits for it. What could not be
 * written is kept for the next time; a process that is killed forgets its last seconds.
 */
export class UsageCounter {
  private waiting = new Map<string, Map<string, number>>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly clock: () => Date,
  ) {}

  add(tenantId: string, kind: UsageKind, count = 1): void {
    this.keep(tenantId, `${monthOf(this.clock())}:${kind}`, count);
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Writes what waits; on closing, and for those who want to read it at once. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    const all = this.waiting;
    this.waiting = new Map();
    for (const [tenantId, counts] of all) {
      const rows = [...counts].map(([name, count]) => [...name.split(':'), count] as const);
      try {
        await this.database.tenant(tenantId, (db) => store(db, tenantId, rows));
      } catch {
        for (const [month, kind, count] of rows)
          this.keep(tenantId, `${month}:${kind}`, Number(count));
      }
    }
  }

  private keep(tenantId: string, name: string, count: number): void {
    const counts = this.waiting.get(tenantId) ?? new Map<string, number>();
    counts.set(name, (counts.get(name) ?? 0) + count);
    this.waiting.set(tenantId, counts);
  }
}

async function store(
  db: Queryable,
  tenantId: string,
  rows: readonly (readonly (string | number)[])[],
): Promise<void> {
  await db.query(
    `INSERT INTO usage_counter AS u (tenant_id, month, kind, count)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[])
     ON CONFLICT (tenant_id, month, kind) DO UPDATE SET count = u.count + excluded.count`,
    [
      tenantId,
      rows.map(([month]) => month),
      rows.map(([, kind]) => kind),
      rows.map(([, , n]) => n),
    ],
  );
}

/** What a workspace used in the latest months, the newest first. */
export async function usageOf(
  database: Database,
  tenantId: string,
  months = 12,
): Promise<
  readonly { readonly month: string; readonly kind: UsageKind; readonly count: number }[]
> {
  const { rows } = await database.tenant(tenantId, (db) =>
    db.query<{ month: string; kind: UsageKind; count: string }>(
      `SELECT month, kind, count FROM usage_counter WHERE tenant_id = $1
        ORDER BY month DESC, kind LIMIT $2`,
      [tenantId, months],
    ),
  );
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}
