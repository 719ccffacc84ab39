import { readRecipe } from '#apps/composition/import/recipe';
import { runImport, type ImportReport } from '#apps/composition/import/importer';
import { createWorkspace, type Workspace } from '#apps/composition/workspace';
import type { RequestContext } from '#kernel/context';
import { isRefusal } from '#kernel/refusal';
import { systemContext } from '#platform/platform';
import { parseListQuery, type ListQuery } from '#platform/projections/list-query';
import type { Group, Page } from '#platform/projections/reader';
import { startTestPlatform, type TestPlatform } from './platform.js';

const recipe = readRecipe('crm-sales-opportunities');
export const ZONE = 'America/New_York';

/** A workspace with the data set in it, and questions to it. */
export class LoadedSales {
  ctx!: RequestContext;
  report!: ImportReport;

  private constructor(
    readonly test: TestPlatform,
    readonly folder: string,
  ) {}

  static async from(folder: string): Promise<LoadedSales> {
    const loaded = new LoadedSales(await startTestPlatform(), folder);
    const workspace = (await createWorkspace(loaded.test.platform, {
      name: 'Hooli',
      ownerEmail: 'owner@hooli.example',
      ownerPassword: 'seven quiet lanterns drift',
      timeZone: ZONE,
    })) as Workspace;
    loaded.ctx = systemContext(workspace.tenantId, 'spec');
    loaded.report = await loaded.load();
    await loaded.test.platform.projections.catchUp();
    return loaded;
  }

  load(folder = this.folder): Promise<ImportReport> {
    const { tenantId } = this.ctx;
    return runImport(this.test.platform, recipe, {
      tenantId,
      timeZone: ZONE,
      folder,
    });
  }

  query(name: string, raw: Record<string, string>) {
    const model = this.test.platform.registry.readModel(name);
    const query = parseListQuery(model, raw, ZONE);
    if (isRefusal(query)) throw new Error(JSON.stringify(query));
    return { model, query: query as ListQuery };
  }

  async list(name: string, raw: Record<string, string> = {}): Promise<Page> {
    const { model, query } = this.query(name, raw);
    return (await this.test.platform.reader.list(this.ctx, model, query)) as Page;
  }

  /** Deals and their worth in major units, by status. */
  async totals(raw: Record<string, string> = {}) {
    const { model, query } = this.query('deals', raw);
    const groups = await this.test.platform.reader.aggregate(
      this.ctx,
      model,
      query,
      ['status'],
      ['amount'],
    );
    const counted = (status: string) =>
      (groups as readonly Group[]).find(({ values }) => values['status'] === status);
    return {
      open: counted('open')?.count ?? 0,
      won: counted('won')?.count ?? 0,
      lost: counted('lost')?.count ?? 0,
      wonValue: Number(counted('won')?.sums['amount'] ?? 0) / 100,
    };
  }

  /** Names of all events, oldest first. */
  async events(): Promise<readonly string[]> {
    await this.head();
    const { rows } = await this.test.test.admin((client) =>
      client.query<{ type: string }>('SELECT type FROM es_event ORDER BY epoch, xid, pos'),
    );
    return rows.map(({ type }) => type);
  }

  async head(): Promise<string> {
    return this.test.platform.store.settled();
  }
}
