import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readRecipe } from '#apps/composition/import/recipe';
import { runImport, type ImportOptions } from '#apps/composition/import/importer';
import { problemLine } from '#apps/composition/import/problems';
import { createWorkspace, type Workspace } from '#apps/composition/workspace';
import { START, type StoredEvent } from '#platform/event-store/port';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';
import { readSalesFiles, removeSalesFiles, writeSalesFiles } from '#test/support/sales-files';

const recipe = readRecipe('crm-sales-opportunities');
const folder = writeSalesFiles(1200);
const files = readSalesFiles(folder);

describe('an import that does not run alone from start to end', () => {
  let test: TestPlatform;
  let tenantId: string;
  beforeEach(async () => {
    test = await startTestPlatform();
    const workspace = (await createWorkspace(test.platform, {
      name: 'Hooli',
      ownerEmail: 'owner@hooli.example',
      ownerPassword: 'seven quiet lanterns drift',
    })) as Workspace;
    tenantId = workspace.tenantId;
  }, 30_000);
  afterEach(() => test.close());
  afterAll(removeSalesFiles);

  const load = (options: Partial<ImportOptions> = {}) =>
    runImport(test.platform, recipe, {
      tenantId,
      timeZone: 'UTC',
      folder,
      ...options,
    });

  /** Events of the deals, and how many of each kind. */
  async function dealEvents() {
    await test.platform.store.settled();
    const events: StoredEvent[] = [];
    for (let after = START; ;) {
      const page = await test.platform.store.readFeed({ after, limit: 1000, tenantId });
      events.push(...page.events.filter(({ streamId }) => streamId.startsWith('deal-')));
      if (page.caughtUp) break;
      after = page.position;
    }
    const count = (type: string) => events.filter((event) => event.type === type).length;
    const ofStage = (stage: string) => files.deals.filter((deal) => deal['deal_stage'] === stage);
    return {
      counted: ['DealCreated', 'DealLineItemAdded', 'DealWon', 'DealLost'].map(count),
      expected: [
        files.deals.length,
        files.deals.length,
        ofStage('Won').length,
        ofStage('Lost').length,
      ],
    };
  }

  it('goes on where it was stopped, as the same import or as another one', async () => {
    const stop = new AbortController();
    const importId = '01a1fd4e-b318-7e9a-b80b-f510555e7bf6';
    const first = await load({
      importId,
      signal: stop.signal,
      progress: ({ title }) => (title === 'Deals' ? stop.abort() : undefined),
    });
    expect(first).toMatchObject({ importId, aborted: true, problemCount: 0 });
    const begun = first.loads.at(-1)!.created;
    expect(begun).toBeGreaterThan(0);
    expect(begun).toBeLessThan(files.deals.length);
    const second = await load({ importId });
    expect(second.problems.map(problemLine)).toEqual([]);
    expect(second.loads.at(-1)).toMatchObject({
      unchanged: begun,
      created: files.deals.length - begun,
    });
    const { counted, expected } = await dealEvents();
    expect(counted).toEqual(expected);
  }, 60_000);

  it('makes each record once when two imports run at the same time', async () => {
    const reports = await Promise.all([load(), load()]);
    for (const { problems } of reports) expect(problems.map(problemLine)).toEqual([]);
    const created = reports.reduce((sum, { loads }) => sum + loads.at(-1)!.created, 0);
    expect(created).toBe(files.deals.length);
    const { counted, expected } = await dealEvents();
    expect(counted).toEqual(expected);
  }, 60_000);
});
