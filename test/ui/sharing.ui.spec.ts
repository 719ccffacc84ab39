import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { browserPath, eventually, startAdmin, type Admin } from './admin.js';
import { looksRight, looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('sharing a record', () => {
  let admin: Admin;
  let company: { id: string };
  let personId: string;
  beforeAll(async () => {
    admin = await startAdmin();
    company = await admin.api('POST', '/companies', { name: 'Hooli' });
    const person = { firstName: 'Jared', lastName: 'Dunn', email: 'jared@piedpiper.example' };
    personId = (await admin.api('POST', '/users', { ...person, role: 'member', status: 'active' }))
      .id;
    await admin.api('POST', '/teams', { name: 'Field sales' });
  }, 120_000);
  afterAll(() => admin.close());

  const wide = { viewport: { width: 1440, height: 900 }, bypassCSP: true };
  const openDialog = async (page: Page) => {
    await page.getByRole('button', { name: 'More about this record' }).click();
    await page.getByRole('menuitem', { name: 'Share…' }).click();
    await page.getByRole('heading', { name: 'Share Hooli' }).waitFor();
  };
  const shares = async () => (await admin.api('GET', `/companies/${company.id}`)).shares;

  it('is with a person and a team, says who has access and why, and is taken back', async () => {
    const page = await admin.page(wide);
    await admin.signIn(page, `/companies/${company.id}`);
    await openDialog(page);
    await page.getByText('It is shared with nobody.').waitFor();
    await page.getByRole('button', { name: 'Choose a person or team' }).click();
    await page.getByRole('option', { name: 'Jared Dunn' }).click();
    await page.getByLabel('They can').selectOption('change');
    await page.getByLabel('Until (optional)').fill('2019-01-01T08:00');
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await page.locator('cf-share-dialog').getByText('until has passed already.').waitFor();
    await page.getByLabel('Until (optional)').fill('2099-01-01T08:00');
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const list = page.getByRole('list', { name: 'Who has access' });
    await list.getByText('Jared Dunn').waitFor();
    await list.getByText('changes', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Choose a person or team' }).click();
    await page.getByRole('combobox', { name: 'Person or team' }).fill('field');
    await page.getByRole('option', { name: 'Field sales' }).click();
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await list.getByText('Field sales').waitFor();
    await page.getByRole('button', { name: 'Show everybody' }).click();
    const everybody = page.getByRole('list', { name: 'Everybody who can read it' });
    await everybody.getByText('Allowed for every record.').first().waitFor();
    await looksRightInAllModes(page, 'sharing');
    await eventually(async () =>
      expect(await shares()).toMatchObject([
        { granteeType: 'user', granteeId: personId, access: 'change' },
        { granteeType: 'team', access: 'read', until: null },
      ]),
    );
    await page.getByRole('button', { name: 'Take back from Field sales' }).click();
    await page.getByText('No longer shared with Field sales.').waitFor();
    await eventually(async () => expect(await shares()).toHaveLength(1));
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Shared with 1').waitFor();
    await page.context().close();
  }, 120_000);

  it('is a filter of lists', async () => {
    const me = await admin.api('GET', '/auth/me');
    const other = await admin.api('POST', '/companies', { name: 'Raviga', ownerId: personId });
    await admin.api('PUT', `/companies/${other.id}/shares/${me.user.id}`, { access: 'read' });
    const page = await admin.page(wide);
    await admin.signIn(page, '/companies');
    await page.getByText('Hooli').first().waitFor();
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('combobox', { name: 'Filter by' }).fill('shared');
    await page.getByRole('option', { name: 'Shared with' }).click();
    await page.getByRole('option', { name: 'me or my teams' }).click();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/sharedWith=me/);
    await page.getByText('Raviga').first().waitFor();
    await page.locator('.rows').getByText('Hooli').first().waitFor({ state: 'detached' });
    await looksRight(page, 'shared-with-me-light-1440');
    expect(admin.problems).toEqual([]);
    await page.context().close();
  }, 120_000);
});
