import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { browserPath, eventually, startAdmin, type Admin } from './admin.js';
import { contactsFile, fakeImports, fileId, jobId, jobs, type Fake } from './imports-fake.js';
import { modes, problemsOf } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

interface View {
  readonly name: string;
  readonly path: string;
  readonly sign: string;
  readonly fake?: Partial<Fake>;
  readonly then?: (page: Page) => Promise<void>;
}

const mapping = `/import?file=${fileId}`;
const check = `/import?file=${fileId}&check=${jobId}`;
const run = `/import?file=${fileId}&check=${jobId}&run=${jobId}`;
const clean = { rejected: 0, problems: [], problemCount: 0 };
const recent = () => [
  jobs.job(),
  jobs.ended({}, { id: `${jobId.slice(0, -1)}3` }),
  { ...jobs.failed(), id: `${jobId.slice(0, -1)}4` },
];

const views: readonly View[] = [
  { name: 'import-file', path: '/import', sign: 'text=Drop your CSV file here' },
  {
    name: 'import-file-recent',
    path: '/import?type=companies',
    sign: 'text=Recent imports',
    fake: { all: recent },
  },
  {
    name: 'import-file-refused',
    path: '/import',
    sign: 'text=Drop your CSV file here',
    then: async (page) => {
      const buffer = Buffer.from([0x50, 0x4b, 3, 4]);
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'contacts.xlsx', mimeType: 'application/zip', buffer });
      await page.getByText('is a spreadsheet or an archive').waitFor();
    },
  },
  { name: 'import-columns', path: mapping, sign: 'cf-column-row' },
  {
    name: 'import-columns-foot',
    path: mapping,
    sign: 'cf-column-row',
    then: (page) => page.getByText('Create a record for every row').scrollIntoViewIfNeeded(),
  },
  {
    name: 'import-columns-picker',
    path: mapping,
    sign: 'cf-column-row',
    then: async (page) => {
      await page.getByRole('button', { name: 'Format of Last call' }).click();
      await page.getByRole('option').first().waitFor();
    },
  },
  {
    name: 'import-columns-error',
    path: mapping,
    sign: 'text=The file could not be read',
    fake: { file: 422 },
  },
  {
    name: 'import-columns-gone',
    path: mapping,
    sign: 'text=The file is gone',
    fake: { file: 404 },
  },
  {
    name: 'import-check-running',
    path: check,
    sign: 'text=Checking every row',
    fake: { job: () => jobs.job({ title: 'Trial import of contacts' }) },
  },
  {
    name: 'import-check-problems',
    path: check,
    sign: 'text=Write one address.',
    fake: { job: () => jobs.ended({ dryRun: true }) },
  },
  {
    name: 'import-check-clean',
    path: check,
    sign: 'text=Every row can be imported',
    fake: { job: () => jobs.ended({ dryRun: true, ...clean }) },
  },
  {
    name: 'import-check-nothing',
    path: check,
    sign: 'text=Nothing to do',
    fake: { job: () => jobs.ended({ dryRun: true, created: 0, changed: 0, ...clean }) },
  },
  {
    name: 'import-run',
    path: run,
    sign: 'text=1,650 a second',
    fake: { job: () => jobs.job() },
  },
  {
    name: 'import-run-unknown',
    path: run,
    sign: 'text=Waiting for its turn',
    fake: {
      job: () =>
        jobs.job({
          status: 'queued',
          progress: { done: '0', total: null, unit: 'rows', rate: null, secondsLeft: null },
        }),
    },
  },
  {
    name: 'import-done',
    path: run,
    sign: 'text=Nothing was rejected',
    fake: { job: () => jobs.ended(clean) },
  },
  {
    name: 'import-done-rejected',
    path: run,
    sign: 'text=Mend and import again',
    fake: { job: () => jobs.ended({}) },
  },
  {
    name: 'import-failed',
    path: run,
    sign: 'text=The import ended early',
    fake: { job: () => jobs.failed() },
  },
  {
    name: 'import-cancelled',
    path: run,
    sign: 'text=The import was cancelled',
    fake: { job: () => jobs.job({ status: 'cancelled' }) },
  },
  { name: 'import-missing', path: run, sign: 'text=There is no such import' },
  {
    name: 'import-past',
    path: '/import?asOf=2031-01-01',
    sign: 'text=The past cannot be added to',
  },
];

withBrowser('the import wizard', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
  }, 120_000);
  afterAll(() => admin?.close());

  for (const [mode, viewport, colorScheme] of modes) {
    it(`is accessible and fits in every state: ${mode}`, async () => {
      // The page's own policy lets no script in; axe is one.
      const page = await admin.page({ viewport, colorScheme, bypassCSP: true });
      const found: string[] = [];
      await admin.signIn(page);
      for (const { name, path, sign, fake, then } of views) {
        await page.unrouteAll();
        await fakeImports(page, fake);
        await page.goto(`${admin.url}${path}`);
        await page.waitForSelector(sign);
        await then?.(page);
        await page.waitForTimeout(250);
        found.push(...(await problemsOf(page, `${name}-${mode}`)));
      }
      await page.context().close();
      expect(found).toEqual([]);
      expect(admin.problems).toEqual([]);
    }, 180_000);
  }

  describe('takes decisions', () => {
    let page: Page;
    let fake: Fake;
    beforeAll(async () => {
      page = await admin.page({ viewport: { width: 1440, height: 900 } });
      await admin.signIn(page);
    });
    afterAll(() => page?.context().close());
    const open = async (path: string, given: Partial<Fake> = {}) => {
      await page.unrouteAll();
      fake = await fakeImports(page, given);
      await page.goto(`${admin.url}${path}`);
    };
    const choose = async (control: string, option: string | RegExp) => {
      await page.getByRole('button', { name: control }).click();
      await page.getByRole('option', { name: option }).click();
    };
    const start = () => page.getByRole('button', { name: 'Check the file' });

    it('and sends them, by the keyboard alone where the person likes', async () => {
      await open(mapping, { job: () => jobs.job() });
      await page.locator('cf-column-row').first().waitFor();
      await choose('Format of Last call', 'Day/month/year');
      await page.getByText('“03/04/2024” is read as').waitFor();
      await eventually(async () =>
        expect(await page.locator('cf-column-row', { hasText: 'Last call' }).innerText()).toContain(
          'Apr 3, 2024, not as Mar 4, 2024',
        ),
      );
      await choose('Meaning of Prospect A', 'Opportunity');
      await choose('If the company is missing', 'Create it');
      const field = page.getByRole('button', { name: 'Field for Row' });
      await field.focus();
      await page.keyboard.press('Enter');
      await page.keyboard.type('tag');
      await page.keyboard.press('Enter');
      await start().click();
      await page.waitForURL(/check=/);
      expect(fake.begun).toEqual([
        {
          fileId,
          dryRun: true,
          key: ['email'],
          currency: 'USD',
          dialect: contactsFile.dialect,
          mapping: {
            'First name': { field: 'firstName' },
            Surname: { field: 'lastName' },
            'E-mail': { field: 'email' },
            Company: { field: 'companyId', by: 'name', missing: 'create' },
            Stage: { field: 'lifecycleStage', aliases: { 'Prospect A': 'opportunity' } },
            'Last call': { field: 'lastContactedAt', format: 'DD/MM/YYYY' },
            Score: { field: 'leadScore' },
            'Mail (old)': null,
            Row: { field: 'tags' },
          },
        },
      ]);
    });

    it('keeps them over Back and a reload', async () => {
      await page.goBack();
      await page.reload();
      await page.getByText('is read as').waitFor();
      const row = page.locator('cf-column-row', { hasText: 'Last call' });
      await eventually(async () => expect(await row.innerText()).toContain('Day/month/year'));
    });

    it('says beside the row what cannot be, and does not go on', async () => {
      await choose('Field for Mail (old)', /^E-mail/);
      await page.getByText('E-mail is also filled by “Mail (old)”. Keep one.').waitFor();
      await eventually(async () => expect(await start().isDisabled()).toBe(true));
      await choose('Field for Mail (old)', 'Leave out');
      await eventually(async () => expect(await start().isDisabled()).toBe(false));
      await page.getByLabel('Create a record for every row').check();
      await choose('Field for Surname', 'Leave out');
      await page.getByText('Last name is required, but no column holds it.').waitFor();
      await eventually(async () => expect(await start().isDisabled()).toBe(true));
    });

    it('reads the file again in another dialect', async () => {
      await choose('Separator', 'Tab');
      await page.waitForTimeout(300);
      expect(fake.read.at(-1)).toBe('?encoding=windows-1252&delimiter=%09');
    });

    it('imports after the check what the check saw', async () => {
      await open(check, { job: () => jobs.ended({ dryRun: true }) });
      await page.getByRole('button', { name: 'Import 219 rows' }).click();
      await page.waitForURL(/run=/);
      expect(fake.begun).toMatchObject([{ fileId, dryRun: false }]);
    });
  });
});
