import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { browserPath, eventually, startAdmin, type Admin } from './admin.js';
import { looksRight } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('roles', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
  }, 120_000);
  afterAll(() => admin.close());

  const wide = { viewport: { width: 1440, height: 900 }, bypassCSP: true };
  const narrow = { ...wide, viewport: { width: 390, height: 844 } };

  it('are made, allow something, and are given and taken back', async () => {
    const page = await admin.page(wide);
    await admin.signIn(page, '/roles');
    await page.getByRole('button', { name: 'Create role' }).click();
    await page.getByLabel('Name of the new role').fill('Data care');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Data care' }).waitFor();
    await page.getByLabel('Companies: update').selectOption('all');
    await page.getByText('Data care: companies:update for all.').waitFor();
    await page.getByRole('button', { name: 'Give to' }).click();
    await page.getByRole('dialog').getByRole('option').first().click();
    await page.getByText('Data care given.').waitFor();
    await looksRight(page, 'roles-light-1440');
    const [role] = await admin.api('GET', '/roles');
    expect(role.grants).toEqual([{ permission: 'companies:update', scope: 'all' }]);
    expect(role.memberIds).toHaveLength(1);
    await page.getByRole('button', { name: /^Take the role from/ }).click();
    await page.getByText('Nobody has this role yet.').waitFor();
    await page.context().close();
  }, 120_000);

  it('are explained: who may do something, and why, as of a day', async () => {
    const company = await admin.api('POST', '/companies', { name: 'Hooli' });
    const page = await admin.page(narrow);
    await admin.signIn(page, '/roles');
    await page.getByLabel('Permission', { exact: true }).selectOption('companies:delete');
    await page.getByLabel('Record optional').fill(`${admin.url}/companies/${company.id}`);
    await page.getByRole('button', { name: 'Explain' }).click();
    const people = page.getByRole('list', { name: 'Who may do this' });
    await people.getByText('Allowed for every record. By owner (all).').waitFor();
    await page.getByRole('button', { name: 'Explain' }).scrollIntoViewIfNeeded();
    await looksRight(page, 'roles-explained-light-390');
    await page.getByLabel('At the end of').fill('2020-01-01');
    await page.getByRole('button', { name: 'Explain' }).click();
    await people.getByText('Nobody was in the workspace then.').waitFor();
    await page.context().close();
  }, 120_000);

  it('hide fields of records', async () => {
    const page = await admin.page(wide);
    await admin.signIn(page, '/roles');
    await page.getByRole('link', { name: 'member' }).click();
    await page.getByLabel('Records', { exact: true }).selectOption('contacts');
    await page.getByLabel('Field Phone').selectOption('hidden');
    await page.getByText('Phone: hidden for member.').waitFor();
    await page.getByLabel('Field Phone').scrollIntoViewIfNeeded();
    await looksRight(page, 'roles-fields-light-1440');
    const limits = async () => (await admin.api('GET', '/tenant')).fieldLimits;
    await eventually(async () =>
      expect(await limits()).toEqual([
        { role: 'member', collection: 'contacts', hidden: ['phone'], readOnly: [] },
      ]),
    );
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForFunction(
      `document.querySelector('[aria-label="Field Phone"]').value === 'open'`,
    );
    await eventually(async () => expect(await limits()).toEqual([]));
    await page.context().close();
  }, 120_000);

  it.each([
    ['roles-dark-1440', { ...wide, colorScheme: 'dark' as const }],
    ['roles-light-390', narrow],
    ['roles-dark-390', { ...narrow, colorScheme: 'dark' as const }],
  ])(
    'look right: %s',
    async (name, options) => {
      const page = await admin.page(options);
      await admin.signIn(page, '/roles');
      await page.getByRole('link', { name: 'member' }).click();
      await page.getByRole('heading', { name: 'member' }).waitFor();
      await looksRight(page, name);
      expect(admin.problems).toEqual([]);
      await page.context().close();
    },
    120_000,
  );
});
