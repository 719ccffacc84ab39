import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { browserPath, eventually, fill, keepScreenshot, startAdmin, type Admin } from './admin.js';
import { modes, problemsOf } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

interface View {
  readonly name: string;
  readonly path: string;
  /** Shows that the page is there. */
  readonly sign: string;
  readonly then?: (page: Page) => Promise<void>;
}

async function askToErase(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More about this record' }).click();
  await page.getByRole('menuitem', { name: 'Erase for ever' }).click();
  await page.waitForSelector('cf-erase-dialog');
  await page.waitForTimeout(200);
}

const row = '[role="row"].active, .rows [role="row"]';
const views: readonly View[] = [
  { name: 'home', path: '/', sign: 'text=My open deals' },
  { name: 'contacts', path: '/contacts', sign: row },
  { name: 'companies', path: '/companies', sign: row },
  { name: 'deals', path: '/deals?status=open', sign: row },
  { name: 'tasks', path: '/tasks', sign: row },
  { name: 'products', path: '/products', sign: row },
  { name: 'teams', path: '/teams', sign: row },
  { name: 'people', path: '/users', sign: row },
  { name: 'board', path: '/deals/board', sign: 'cf-deal-card' },
  { name: 'pipelines', path: '/pipelines', sign: 'cf-stage-editor' },
  {
    name: 'audit',
    path: '/audit',
    sign: 'cf-timeline-entry',
    then: async (page) => {
      await page.getByRole('button', { name: 'Verify the log' }).click();
      await page.getByText('Intact', { exact: true }).waitFor();
    },
  },
  {
    name: 'company',
    path: '/companies?search=hooli',
    sign: row,
    then: async (page) => {
      await page.locator('.rows .name').first().click();
      await page.waitForSelector('cf-timeline-entry');
    },
  },
  {
    name: 'deal',
    path: '/deals?search=aviato',
    sign: row,
    then: async (page) => {
      await page.locator('.rows .name').first().click();
      await page.waitForSelector('cf-stage-path');
    },
  },
  {
    name: 'line-items',
    path: '/deals?search=aviato',
    sign: row,
    then: async (page) => {
      await page.locator('.rows .name').first().click();
      await page.getByRole('link', { name: 'Line items' }).click();
      await page.getByRole('button', { name: 'Add line' }).click();
      await page.waitForSelector('cf-line-form');
    },
  },
  {
    name: 'activities',
    path: '/companies?search=hooli',
    sign: row,
    then: async (page) => {
      await page.locator('.rows .name').first().click();
      await page.getByRole('link', { name: 'Activities' }).click();
      await page.getByRole('button', { name: 'Log call' }).click();
      await page.waitForSelector('cf-activity-form');
    },
  },
  {
    name: 'notes',
    path: '/companies?search=hooli',
    sign: row,
    then: async (page) => {
      await page.locator('.rows .name').first().click();
      await page.getByRole('link', { name: 'Notes' }).click();
      await page.waitForSelector('cf-markdown');
    },
  },
  {
    name: 'field-history',
    path: '/companies?search=hooli',
    sign: row,
    then: async (page) => {
      await page.locator('.rows .name').first().click();
      await page.getByRole('button', { name: 'History of Industry' }).click();
      await page.waitForSelector('cf-field-history .change');
    },
  },
  {
    name: 'record-compared',
    path: '/deals?search=aviato',
    sign: row,
    then: async (page) => {
      await page.locator('.rows .name').first().click();
      await page.getByRole('button', { name: 'More about this record' }).click();
      await page.getByRole('menuitem', { name: 'Compare with another time' }).click();
      await page.waitForSelector('cf-record-compare table');
      await page.waitForTimeout(200);
    },
  },
  {
    name: 'erase',
    path: '/contacts?search=belson',
    sign: row,
    then: async (page) => {
      await page.locator('.rows .name').first().click();
      await askToErase(page);
    },
  },
  {
    name: 'board-compared',
    path: '/deals/board?compare=2031-01-01',
    sign: 'cf-board-compare table',
  },
  {
    name: 'board-past',
    path: '/deals/board?asOf=2001-01-01',
    sign: 'text=No pipeline at that time',
  },
  {
    name: 'list-columns',
    path: '/companies',
    sign: row,
    then: async (page) => {
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.waitForTimeout(200);
    },
  },
  {
    name: 'bulk-bar',
    path: '/companies',
    sign: row,
    then: async (page) => {
      await page.keyboard.press('x');
      await page.waitForSelector('cf-bulk-bar');
    },
  },
  {
    name: 'peek',
    path: '/companies',
    sign: row,
    then: async (page) => {
      await page.keyboard.press('Space');
      await page.waitForSelector('cf-peek cf-fields-panel');
    },
  },
  { name: 'filtered-empty', path: '/companies?search=zzzz', sign: 'text=No companies fit' },
  { name: 'past', path: '/companies?asOf=2001-01-01', sign: 'text=No companies at that time' },
  { name: 'not-found', path: '/nowhere', sign: 'text=There is no such page' },
  {
    name: 'create',
    path: '/companies',
    sign: row,
    then: async (page) => {
      await page.keyboard.press('c');
      await page.waitForSelector('cf-create-dialog');
      await page.waitForTimeout(200);
    },
  },
  {
    name: 'palette',
    path: '/',
    sign: 'text=My open deals',
    then: async (page) => {
      await page.keyboard.press('Control+k');
      await page.waitForSelector('cf-palette');
      await page.waitForTimeout(200);
    },
  },
];

withBrowser('every page, light and dark, wide and narrow', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
    await fill(admin);
  }, 120_000);
  afterAll(() => admin?.close());

  for (const [mode, viewport, colorScheme] of modes) {
    it(`is accessible and fits: ${mode}`, async () => {
      // The page's own policy lets no script in; axe is one.
      const page = await admin.page({ viewport, colorScheme, bypassCSP: true });
      await page.goto(`${admin.url}/sign-in`);
      await page.waitForSelector('form');
      const found = [...(await problemsOf(page, `sign-in-${mode}`))];
      await admin.signIn(page);
      for (const { name, path, sign, then } of views) {
        await page.goto(`${admin.url}${path}`);
        await page.waitForSelector(sign);
        await then?.(page);
        await page.waitForLoadState('networkidle');
        found.push(...(await problemsOf(page, `${name}-${mode}`)));
      }
      await page.context().close();
      expect(found).toEqual([]);
      expect(admin.problems).toEqual([]);
    }, 400_000);
  }

  it('erases a person only when the name is typed, and shows what was reached', async () => {
    const page = await admin.page({});
    await admin.signIn(page);
    await page.goto(`${admin.url}/contacts?search=bream`);
    await page.waitForSelector(row);
    await page.locator('.rows .name').first().click();
    await askToErase(page);
    const erase = page.getByRole('button', { name: 'Erase for ever' });
    await eventually(async () => expect(await erase.isDisabled()).toBe(true));
    await page.getByLabel('to confirm').fill('Laurie Bream');
    await page.getByLabel('Number of the request').fill('REQ-2041');
    await erase.click();
    await page.getByText('Laurie Bream is erased').waitFor();
    await page.getByText('Remains').waitFor();
    await keepScreenshot(page, 'erased');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.waitForURL(`${admin.url}/contacts`);
    await page.goto(`${admin.url}/contacts?search=bream`);
    await page.getByText('No contacts fit').waitFor();
    await page.context().close();
  }, 120_000);
});
