import { createHash, createHmac } from 'node:crypto';
import pg from 'pg';
import { isUuid } from '#kernel/ids';
import { standBackOnServer } from './stand-back.js';

/** The database's own roles; their names carry the database's name because roles are global. */
export const ROLES = ['log', 'api', 'projector', 'feed', 'search'] as const;
export type Role = (typeof ROLES)[number];
/** Roles that connect; `log` only owns `es_append`. */
export type LoginRole = Exclude<Role, 'log'>;

export interface Queryable {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string | pg.QueryConfig,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

export interface DatabaseOptions {
  /** Connection URL of the migrator, who owns the tables. */
  readonly url: string;
  /** Secret the roles' passwords are derived from, so none is stored. */
  readonly masterKey: Buffer;
  /** Connections of the api role; the others take a few each. */
  readonly poolSize: number;
  /** A pooler gives each transaction another connection: none keeps a prepared statement. */
  readonly pooled?: boolean;
}

export function roleName(database: string, role: Role): string {
  return `${database}_${role}`;
}

export function rolePassword(masterKey: Buffer, database: string, role: Role): string {
  return createHmac('sha256', masterKey).update(`role:${database}:${role}`).digest('base64url');
}

export function databaseName(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

const DATE_OID = 1082;
// A calendar day stays text: a Date would move it by the process's time zone.
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === DATE_OID
      ? (value: string) => value
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

const POOL_SHARE: Record<LoginRole, number> = { api: 1, projector: 0.4, feed: 0.3, search: 0.3 };

/** Advisory lock of writers of derived rows, who share it; an erasure takes it for itself. */
export const DERIVED_WRITES = '733103, 0';

/**
 * Opens a transaction that does not wait for the disk. For rows that are derived from the log and
 * written with their checkpoint: what a crash takes back is derived again. Its statements find rows
 * by their keys, so one plan is kept for all values; see {@link Plans}.
 */
export const BEGIN_DERIVED = `BEGIN; SET LOCAL synchronous_commit = off;
  SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL jit = off;
  SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
  SELECT pg_advisory_xact_lock_shared(${DERIVED_WRITES})`;

const FIRST_PLANS_MS = 1000;
const LAST_PLANS_MS = 60_000;

/**
 * When a connection plans its statements anew: as it gets twice as old, and once a minute from then
 * on. In an empty table all indexes that begin with the tenant look alike, and a plan by the wrong
 * one would read the whole workspace for each row of an import that fills it.
 */
class Plans {
  private readonly due = new WeakMap<pg.PoolClient, { at: number; after: number }>();

  /** Whether those of a connection are to be made anew now. */
  areOld(client: pg.PoolClient): boolean {
    const now = performance.now();
    const plans = this.due.get(client);
    if (plans && now < plans.at) return false;
    const after = plans ? Math.min(LAST_PLANS_MS, 2 * plans.after) : FIRST_PLANS_MS;
    this.due.set(client, { at: now + after, after });
    return plans !== undefined;
  }
}

/** What stands in the text of a statement. */
function uuid(text: string): string {
  if (!isUuid(text)) throw new TypeError('not a UUID');
  return text;
}

/** Lets the rest of a transaction see the rows of one tenant. */
const seeing = (tenantId: string) => `SELECT set_config('app.tenant', '${uuid(tenantId)}', true)`;

const statementNames = new Map<string, string>();

/** A statement under a name of its own, the same in every process. */
function byText(text: string): { readonly name: string; readonly text: string } {
  let name = statementNames.get(text);
  if (!name) {
    name = `text_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    statementNames.set(text, name);
  }
  return { name, text };
}

/** The same connection, on which each statement with values is parsed and planned but once. */
const preparing = (query: Queryable): Queryable => ({
  query: (text, values) =>
    typeof text === 'string' && values
      ? query.query({ ...byText(text), values: [...values] })
      : query.query(text, values),
});

/** A role's pool, or one apart for work that others shall not wait for. */
type PoolName = LoginRole | 'audit' | 'rebuild';

/** One pool per role; every statement on tenant data runs inside a transaction that names it. */
export class Database {
  readonly name: string;
  private readonly pools = new Map<PoolName, pg.Pool>();
  private readonly plans = new Plans();

  constructor(private readonly options: DatabaseOptions) {
    this.name = databaseName(options.url);
  }

  /** The name under which a statement is prepared once for a connection, where it may be. */
  named(name: string): { readonly name?: string } {
    return this.options.pooled ? {} : { name };
  }

  /** The same for a text that depends on a declaration: it is its own name. */
  prepared(text: string): { readonly name?: string; readonly text: string } {
    return this.options.pooled ? { text } : byText(text);
  }

  pool(role: LoginRole): pg.Pool {
    const max = Math.max(2, Math.round(this.options.poolSize * POOL_SHARE[role]));
    return this.poolOf(role, role, max);
  }

  private poolOf(name: PoolName, role: LoginRole, max: number): pg.Pool {
    let pool = this.pools.get(name);
    if (!pool) {
      const url = new URL(this.options.url);
      url.username = roleName(this.name, role);
      url.password = rolePassword(this.options.masterKey, this.name, role);
      pool = new pg.Pool({
        connectionString: url.toString(),
        max,
        application_name: `clientforge-${name}`,
        connectionTimeoutMillis: 10_000,
        idleTimeoutMillis: 60_000,
        types,
      });
      // A broken idle connection is replaced by the pool; without a listener it ends the process.
      pool.on('error', () => undefined);
      // The same for one that breaks while it is lent, between two statements of a transaction.
      pool.on('connect', (client) => client.on('error', () => undefined));
      if (name === 'rebuild') pool.on('connect', standBackOnServer);
      this.pools.set(name, pool);
    }
    return pool;
  }

  /**
   * Runs work in one transaction that sees only this tenant's rows. The tenant id is a UUID and
   * so may stand in the statement that opens the transaction, which saves a round trip.
   */
  async tenant<Result>(
    tenantId: string,
    work: (query: Queryable) => Promise<Result>,
    role: LoginRole = 'api',
  ): Promise<Result> {
    return this.transaction(role, `BEGIN; ${seeing(tenantId)}`, work);
  }

  /**
   * What one statement answers about rows of a tenant, in a single round trip: PostgreSQL runs
   * statements that come together in one transaction. They take no parameters then, so whatever
   * `text` is given, separated by commas, has to be UUIDs.
   */
  async tenantRows<Row extends pg.QueryResultRow>(
    tenantId: string,
    text: (ids: string) => string,
    ids: readonly string[],
  ): Promise<readonly Row[]> {
    const listed = ids.map(uuid).join(',');
    const results: unknown = await this.pool('api').query(`${seeing(tenantId)}; ${text(listed)}`);
    return (results as readonly pg.QueryResult<Row>[]).at(-1)!.rows;
  }

  /** A transaction without a tenant, for roles whose policies see all of them. */
  async transaction<Result>(
    role: LoginRole,
    begin: string,
    work: (query: Queryable) => Promise<Result>,
  ): Promise<Result> {
    return this.within(this.pool(role), () => begin, work);
  }

  /** Writes derived rows in one transaction, by statements whose texts come again and again. */
  derived<Result>(
    work: (query: Queryable) => Promise<Result>,
    pool = this.pool('projector'),
  ): Promise<Result> {
    const begin = (client: pg.PoolClient) =>
      this.plans.areOld(client) ? `${BEGIN_DERIVED}; DISCARD PLANS` : BEGIN_DERIVED;
    return this.within(pool, begin, (query) =>
      work(this.options.pooled ? query : preparing(query)),
    );
  }

  /** The same for work of minutes, on connections of its own that stand back behind all others. */
  derivedBehind<Result>(work: (query: Queryable) => Promise<Result>): Promise<Result> {
    return this.derived(work, this.poolOf('rebuild', 'projector', 2));
  }

  /**
   * The log of every tenant as of one moment, for work of minutes: two at a time, on connections of
   * their own, so that nothing else waits for them. Takes no transaction id.
   */
  snapshot<Result>(work: (query: Queryable) => Promise<Result>): Promise<Result> {
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
    return this.within(this.poolOf('audit', 'feed', 2), () => begin, work);
  }

  private async within<Result>(
    pool: pg.Pool,
    begin: (client: pg.PoolClient) => string,
    work: (query: Queryable) => Promise<Result>,
  ): Promise<Result> {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(begin(client));
      const result = await work(client as unknown as Queryable);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      try {
        await client.query('ROLLBACK');
      } catch (rollback) {
        broken = rollback as Error;
      }
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
    this.pools.clear();
  }
}
