import type { Database } from '../postgres/database.js';
import { Gather } from '../postgres/gather.js';
import type { NewSubjectKey } from './port.js';

/** A key of a tenant, wrapped by the master key; null once it was destroyed. */
export interface WrappedTenantKey {
  /** From 1; 0 holds what digests are made with once version 1 is gone. */
  readonly version: number;
  readonly wrapped: string | null;
}

/** A key of a data subject, wrapped by the tenant's; null once it was destroyed. */
export interface WrappedSubjectKey {
  readonly subjectId: string;
  readonly version: number;
  readonly wrapped: string | null;
}

/** Where the key ring keeps wrapped keys; the log's own tables, or memory. */
export interface KeyStore {
  /** All versions of a tenant's key, the oldest first. */
  tenantKeys(tenantId: string): Promise<readonly WrappedTenantKey[]>;
  /** Stores the first key of a tenant; a key that came first wins. Answers all versions. */
  createTenantKey(tenantId: string, wrapped: string): Promise<readonly WrappedTenantKey[]>;
  /** The oldest first. */
  subjectKeys(
    tenantId: string,
    subjectIds: readonly string[],
  ): Promise<readonly WrappedSubjectKey[]>;
}

interface SubjectQuestion {
  readonly tenantId: string;
  readonly subjectIds: readonly string[];
}

/** Wrapped keys in the log's tables. */
export class PostgresKeyStore implements KeyStore {
  /** Every command on a person asks, so commands under way together share a round trip. */
  private readonly questions = new Gather((asked: readonly SubjectQuestion[]) =>
    this.answer(asked),
  );

  constructor(private readonly database: Database) {}

  tenantKeys(tenantId: string): Promise<readonly WrappedTenantKey[]> {
    return this.database.tenant(tenantId, async (query) => {
      const { rows } = await query.query<{ version: number; wrapped: string | null }>(
        'SELECT version, wrapped FROM es_tenant_key WHERE tenant_id = $1 ORDER BY version',
        [tenantId],
      );
      return rows;
    });
  }

  async createTenantKey(tenantId: string, wrapped: string): Promise<readonly WrappedTenantKey[]> {
    await this.database.tenant(tenantId, (query) =>
      query.query(
        `INSERT INTO es_tenant_key (tenant_id, version, wrapped) VALUES ($1, 1, $2)
         ON CONFLICT DO NOTHING`,
        [tenantId, wrapped],
      ),
    );
    return this.tenantKeys(tenantId);
  }

  subjectKeys(
    tenantId: string,
    subjectIds: readonly string[],
  ): Promise<readonly WrappedSubjectKey[]> {
    return this.questions.one({ tenantId, subjectIds });
  }

  private async answer(
    asked: readonly SubjectQuestion[],
  ): Promise<readonly (readonly WrappedSubjectKey[])[]> {
    const byTenant = Map.groupBy(asked, ({ tenantId }) => tenantId);
    const reading = [...byTenant].map(async ([tenantId, questions]) => {
      const ids = new Set(questions.flatMap(({ subjectIds }) => subjectIds));
      const keys = await this.read(tenantId, [...ids]);
      return [tenantId, Map.groupBy(keys, ({ subjectId }) => subjectId)] as const;
    });
    const found = new Map(await Promise.all(reading));
    return asked.map(({ tenantId, subjectIds }) =>
      subjectIds.flatMap((id) => found.get(tenantId)!.get(id) ?? []),
    );
  }

  private async read(
    tenantId: string,
    subjectIds: readonly string[],
  ): Promise<readonly WrappedSubjectKey[]> {
    const rows = await this.database.tenantRows<SubjectKeyRow>(
      tenantId,
      (ids) => `SELECT subject_id, version, wrapped FROM es_subject_key
        WHERE tenant_id = '${tenantId}' AND subject_id = ANY ('{${ids}}'::uuid[]) ORDER BY version`,
      subjectIds,
    );
    return rows.map((row) => ({ ...row, subjectId: row.subject_id }));
  }
}

interface SubjectKeyRow {
  readonly subject_id: string;
  readonly version: number;
  readonly wrapped: string | null;
}

/** Wrapped keys in memory, beside the in-memory log. */
export class MemoryKeyStore implements KeyStore {
  private readonly tenants = new Map<string, string>();
  private readonly subjects = new Map<string, NewSubjectKey[]>();

  tenantKeys(tenantId: string): Promise<readonly WrappedTenantKey[]> {
    const wrapped = this.tenants.get(tenantId);
    return Promise.resolve(wrapped === undefined ? [] : [{ version: 1, wrapped }]);
  }

  createTenantKey(tenantId: string, wrapped: string): Promise<readonly WrappedTenantKey[]> {
    if (!this.tenants.has(tenantId)) this.tenants.set(tenantId, wrapped);
    return this.tenantKeys(tenantId);
  }

  add(tenantId: string, keys: readonly NewSubjectKey[]): void {
    for (const key of keys) {
      const name = `${tenantId}/${key.subjectId}`;
      this.subjects.set(name, [...(this.subjects.get(name) ?? []), key]);
    }
  }

  /** The newest version of a subject's key; 0 without one. */
  newest(tenantId: string, subjectId: string): number {
    return this.subjects.get(`${tenantId}/${subjectId}`)?.at(-1)?.version ?? 0;
  }

  subjectKeys(
    tenantId: string,
    subjectIds: readonly string[],
  ): Promise<readonly WrappedSubjectKey[]> {
    return Promise.resolve(
      subjectIds.flatMap((subjectId) => this.subjects.get(`${tenantId}/${subjectId}`) ?? []),
    );
  }
}
