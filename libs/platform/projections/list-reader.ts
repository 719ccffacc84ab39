import type { ReadModel, Row } from '#kernel/read-model';
import type { Database, Queryable } from '../postgres/database.js';
import { roleOf } from './list-conditions.js';
import type { ListQuery } from './list-query.js';
import {
  COUNT_CAP,
  countStatement,
  hitsStatement,
  pageStatement,
  sampleStatement,
  type Question,
  type Shown,
  type Statement,
} from './list-sql.js';
import { historyOf, tableOf } from './physical.js';
import type { Visible } from './visibility.js';

/** The rows of a page, and how many the list has. */
export interface Found {
  readonly records: readonly Row[];
  readonly total: number;
  readonly hasNext: boolean;
}

interface Asked {
  readonly db: Queryable;
  readonly model: ReadModel;
  readonly tenantId: string;
  readonly query: Question;
  readonly visible: Visible;
  readonly shown: Shown;
}

type Answer = Omit<Found, 'hasNext'>;

const SAMPLE = 500;
/** The share of a sample from which on an index of words costs more than reading rows in order. */
const COMMON = 0.25;
/** Pages further on are reached faster by sorting than by passing over so many rows. */
const NEAR = 1000;
const IN_ORDER = 'SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off';

/**
 * Finds the rows of a list in one of two ways: in the order of the list until the page is full,
 * which is fast when many rows fit, or by index and then sorted, which is fast when few do.
 */
export class ListReader {
  constructor(private readonly database: Database) {}

  async list(
    tenantId: string,
    model: ReadModel,
    query: ListQuery,
    visible: Visible,
  ): Promise<Found> {
    const role = roleOf(model, query, visible);
    const shown = role === 'search' ? 'keys' : 'rows';
    const { records, total } = await this.database.tenant(
      tenantId,
      (db) => this.find({ db, model, tenantId, query, visible, shown }),
      role,
    );
    const page = records.slice(0, query.limit);
    const complete = page.every((record) => 'tenant_id' in record);
    return {
      records: complete ? page : await this.rows(tenantId, model, query, page),
      total,
      hasNext: records.length > query.limit,
    };
  }

  private async find(asked: Asked): Promise<Answer> {
    const { query, visible } = asked;
    const past = query.asOf !== undefined || query.knownAt !== undefined;
    const all = query.filters.length === 0 && visible === 'all';
    if (query.search && !query.searched && (await this.isCommon(asked, query.search))) {
      const common = { ...asked, query: { ...query, commonWords: true } };
      return all ? this.inOrder(common) : this.byIndex(common);
    }
    if (!all || query.search) return this.byIndex(asked);
    if (!past) return this.inOrder(asked);
    // There may have been nothing yet; where there was much, the count needs no rows.
    const total = await this.count(asked);
    return total > COUNT_CAP ? { records: await this.page(asked), total } : this.byIndex(asked);
  }

  private async inOrder(asked: Asked): Promise<Answer> {
    const { query } = asked;
    // How common words are the planner cannot know: it would rather sort what it takes for few.
    if (query.commonWords && query.offset < NEAR) await asked.db.query(IN_ORDER);
    const records = await this.page(asked);
    // A first page that is not full already knows the total.
    const all = query.offset === 0 && !query.cursor && records.length <= query.limit;
    return { records, total: all ? records.length : await this.count(asked) };
  }

  private async byIndex(asked: Asked): Promise<Answer> {
    const { db, model, tenantId, query, visible } = asked;
    const rows = await this.ask(asked, hitsStatement(model, tenantId, query, visible));
    // Behind the last page even the row that carries the total is passed over.
    const total = rows[0] ? Number(rows[0]['total']) : await this.count(asked);
    if (total <= COUNT_CAP) return { records: rows.filter(({ id }) => id !== null), total };
    if (query.offset < NEAR) await db.query(IN_ORDER);
    const records = await this.page({ ...asked, query: { ...query, commonWords: true } });
    return { records, total: query.exactCount ? await this.count(asked) : total };
  }

  private page(asked: Asked): Promise<readonly Row[]> {
    const { model, tenantId, query, visible, shown } = asked;
    return this.ask(asked, pageStatement(model, tenantId, query, visible, shown));
  }

  private async count(asked: Asked): Promise<number> {
    const { model, tenantId, query, visible } = asked;
    const rows = await this.ask(asked, countStatement(model, tenantId, query, visible));
    return Number(rows[0]!['total']);
  }

  private async isCommon(asked: Asked, search: string): Promise<boolean> {
    const { model, tenantId, query } = asked;
    const statement = sampleStatement(model, tenantId, { ...query, search }, SAMPLE);
    const [row] = await this.ask(asked, statement);
    return Number(row!['seen']) === SAMPLE && Number(row!['found']) >= COMMON * SAMPLE;
  }

  private async ask({ db }: Asked, { text, values }: Statement): Promise<readonly Row[]> {
    const { rows } = await db.query(text, values);
    return rows as Row[];
  }

  /** The rows of these keys, under row-level security, in the order of the keys. */
  private async rows(
    tenantId: string,
    model: ReadModel,
    query: ListQuery,
    keys: readonly Row[],
  ): Promise<readonly Row[]> {
    const past = query.asOf ?? query.knownAt;
    const { rows } = await this.database.tenant(tenantId, (db) =>
      db.query(
        `SELECT r.* FROM unnest($2::uuid[], $3::bigint[]) AS k(id, revision)
           JOIN ${past ? historyOf(model) : tableOf(model)} r ON r.tenant_id = $1 AND r.id = k.id
            ${past ? 'AND r.revision = k.revision' : ''}`,
        [tenantId, keys.map((row) => row['id']), keys.map((row) => row['revision'])],
      ),
    );
    const byId = new Map<unknown, Row>((rows as Row[]).map((row) => [row['id'], row]));
    return keys.flatMap(({ id }): Row[] => {
      const row = byId.get(id);
      return row ? [row] : [];
    });
  }
}
