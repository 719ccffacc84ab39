import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { browserPath, eventually, startAdmin, type Admin } from './admin.js';
import { looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('teams', () => {
  let admin: Admin;
  let teamId: string;
  beforeAll(async () => {
    admin = await startAdmin();
    for (const [firstName, lastName] of [
      ['Jared', 'Dunn'],
      ['Monica', 'Hall'],
    ]) {
      const email = `${firstName}@piedpiper.example`;
      const person = { firstName, lastName, email, role: 'member', status: 'active' };
      await admin.api('POST', '/users', person);
    }
  }, 120_000);
  afterAll(() => admin.close());

  const wide = { viewport: { width: 1440, height: 900 }, bypassCSP: true };
  const stored = () => admin.api('GET', `/teams/${teamId}`);

  it('are made, renamed, filled, given a manager and ended', async () => {
    const page = await admin.page(wide);
    await admin.signIn(page, '/teams');
    await page.getByRole('button', { name: 'Create team' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').first().fill('Field');
    await dialog.getByRole('button', { name: 'Create team' }).click();
    await page.getByRole('heading', { name: 'Field', exact: true }).waitFor();
    teamId = page.url().split('/').at(-1)!.split('?')[0]!;
    await page.getByRole('button', { name: 'Edit Name' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Field sales');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Field sales' }).waitFor();
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('Nobody is in this team yet.').waitFor();
    for (const name of ['Jared Dunn', 'Monica Hall']) {
      await page.getByRole('button', { name: 'Add member' }).click();
      await page.getByRole('option', { name }).click();
      await page.getByRole('button', { name: `Remove ${name}` }).waitFor();
    }
    const jared = page.getByRole('listitem').filter({ hasText: 'Jared Dunn' });
    await jared.getByRole('button', { name: 'Make lead' }).click();
    await jared.getByText('leads the team').waitFor();
    await page.getByRole('button', { name: 'Remove Monica Hall' }).click();
    await page.getByRole('button', { name: 'Remove Monica Hall' }).waitFor({ state: 'detached' });
    await looksRightInAllModes(page, 'teams');
    const team = await stored();
    expect([team.name, team.memberIds]).toEqual(['Field sales', [team.managerId]]);
    await page.getByRole('button', { name: 'More about this record' }).click();
    await page.getByRole('menuitem', { name: 'Archive' }).click();
    await page.getByText('This team is archived.').waitFor();
    await eventually(async () =>
      expect(await page.getByRole('button', { name: 'Add member' }).count()).toBe(0),
    );
    expect((await stored()).archivedAt).not.toBeNull();
    await page.getByRole('button', { name: 'Restore', exact: true }).click();
    await page.getByRole('button', { name: 'Add member' }).waitFor();
    expect(admin.problems).toEqual([]);
    await page.context().close();
  }, 120_000);
});
