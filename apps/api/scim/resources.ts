import { createHash } from 'node:crypto';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { isUuid } from '#kernel/ids';
import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal } from '#kernel/refusal';
import type { ScimConnectionValues } from '#event-schemas/identity/scim-connection.events';
import type { Platform } from '#platform/platform';
import { fromRecord, physicalColumns, tableOf } from '#platform/projections/physical';
import type { Callers } from '../http/request-context.js';
import type { Json } from './paths.js';
import { problemOf, ScimProblem } from './problem.js';
import type { ResourceType } from './schemas.js';

/** A directory that asks, known by its token, and what it may do. */
export interface Directory {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly values: ScimConnectionValues;
  readonly ctx: RequestContext;
}

/** A resource as it is, and where its stream has to stand for a write to be carried out. */
export interface Read {
  readonly resource: Json;
  readonly revision?: number;
  readonly row: Row;
}

/** Some of the resources of a type. */
export interface Selection {
  /** Condition on the row `r` after the tenant's, and its parameters from `$2` on. */
  readonly where?: string;
  readonly values?: readonly unknown[];
  readonly page?: { readonly offset: number; readonly limit: number };
}

/** How long a write waits for the lists to show it. */
const WAIT_MS = 2_000;

/** What users and groups have in common: reading rows, and writing by the product's commands. */
export abstract class Resources {
  abstract readonly type: ResourceType;
  protected abstract readonly model: ReadModel;
  /** Which rows directories see. */
  protected abstract readonly seen: string;

  constructor(
    protected readonly platform: Platform,
    private readonly callers: Callers,
    /** Address of the service: `https://…/scim/v2`. */
    protected readonly base: string,
  ) {}

  /** The resources of these rows, without what only `meta` says. */
  protected abstract shown(directory: Directory, rows: readonly Row[]): Promise<readonly Json[]>;
  /** Whether directories see this row. */
  protected abstract isSeen(row: Row): boolean;
  /** Conditions an index serves, for values a filter requires. */
  abstract narrowed(values: ReadonlyMap<string, string>): Selection;
  abstract create(directory: Directory, wanted: Json): Promise<string>;
  abstract update(directory: Directory, id: string, wanted: Json, before: Read): Promise<void>;
  abstract remove(directory: Directory, before: Read): Promise<void>;

  /** One resource straight from the log, whatever the lists have reached. */
  async read(directory: Directory, id: string): Promise<Read> {
    const row = isUuid(id)
      ? await this.platform.reader.fold(directory.tenantId, this.model, id.toLowerCase())
      : undefined;
    if (!row || !this.isSeen(row))
      throw new ScimProblem(404, `There is no ${this.type.name} ${id}.`);
    const [resource] = await this.resources(directory, [row]);
    return { resource: resource!, revision: Number(row['revision']), row };
  }

  async select(directory: Directory, selection: Selection): Promise<readonly Json[]> {
    const { where, values = [], page } = selection;
    const condition = where ? `AND (${where})` : '';
    const tail = page ? `OFFSET ${page.offset} LIMIT ${page.limit}` : '';
    const { rows } = await this.platform.database.tenant(directory.tenantId, (db) =>
      db.query(
        `SELECT r.* FROM ${tableOf(this.model)} r
          WHERE r.tenant_id = $1 AND ${this.seen} ${condition} ORDER BY r.id ${tail}`,
        [directory.tenantId, ...values],
      ),
    );
    const columns = physicalColumns(this.model);
    return this.resources(
      directory,
      rows.map((record) => fromRecord(columns, record as Row)),
    );
  }

  async count({ tenantId }: Directory): Promise<number> {
    const { rows } = await this.platform.database.tenant(tenantId, (db) =>
      db.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM ${tableOf(this.model)} r
          WHERE r.tenant_id = $1 AND ${this.seen}`,
        [tenantId],
      ),
    );
    return rows[0]!.count;
  }

  /** Carries out a command as the directory; a refusal becomes a problem. */
  protected async run(
    { ctx }: Directory,
    command: string,
    input: object,
    id: string,
    expectedRevision?: number,
  ): Promise<Accepted> {
    const options = { id, ...(expectedRevision === undefined ? {} : { expectedRevision }) };
    const result = await this.platform.dispatch(command, input, ctx, options);
    if (isRefusal(result)) throw problemOf(result);
    return result as Accepted;
  }

  /** Waits until lists show a write, and until callers are read anew. */
  protected async shownBy(
    { tenantId }: Directory,
    accepted: Accepted | undefined,
    model: Pick<ReadModel, 'name'> = this.model,
  ): Promise<void> {
    this.callers.forget(tenantId);
    if (accepted) await this.platform.positions.wait(model.name, accepted.position, WAIT_MS);
  }

  private async resources(directory: Directory, rows: readonly Row[]): Promise<Json[]> {
    const { name, endpoint } = this.type;
    const shown = await this.shown(directory, rows);
    return shown.map((resource, index) => {
      const row = rows[index]!;
      return {
        ...resource,
        meta: {
          resourceType: name,
          created: row['createdAt'],
          lastModified: row['updatedAt'],
          location: `${this.base}${endpoint}/${String(row['id'])}`,
          version: versionOf(resource),
        },
      };
    });
  }
}

/** The entity tag of a resource: the same as long as it reads the same. */
function versionOf(resource: Json): string {
  const digest = createHash('sha256').update(JSON.stringify(resource)).digest('base64url');
  return `W/"${digest.slice(0, 22)}"`;
}

/** An object without what is null or undefined. */
export function filled(object: Json): Json {
  const entries = Object.entries(object).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return Object.fromEntries(entries);
}
