import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { browserPath, startAdmin, type Admin } from './admin.js';
import { looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('provisioning', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
  }, 120_000);
  afterAll(() => admin.close());

  it('connects a directory, which then adds people, and cuts it off', async () => {
    const page = await admin.page({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
    await admin.signIn(page, '/provisioning');
    await page.getByText('No directory is connected').waitFor();
    await looksRightInAllModes(page, 'provisioning-empty');

    await page.getByRole('button', { name: 'Connect a directory' }).press('Enter');
    await page.getByLabel('Name', { exact: true }).fill('Hooli Entra ID');
    await page.getByLabel('Role of people who are added').selectOption('viewer');
    await page.getByRole('button', { name: 'Add a group' }).click();
    await page.getByLabel('Group 1', { exact: true }).fill('crm-admins');
    await page.getByLabel('Role of group 1').selectOption('admin');
    await looksRightInAllModes(page, 'provisioning-form');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    const panel = page.getByRole('region', { name: 'Hooli Entra ID' });
    await panel.getByText('crm-admins gives admin.').waitFor();
    await panel.getByText('None yet').waitFor();

    await panel.getByRole('button', { name: 'Make a token' }).click();
    const secret = panel.getByRole('status').locator('code');
    const token = (await secret.textContent())!.trim();
    expect(token).toMatch(/^cf_scim_/);
    const base = (await panel.locator('dd code').first().textContent())!.trim();
    const ask = async (path: string, init: RequestInit = {}) =>
      fetch(`${admin.url}${new URL(base).pathname}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      });
    const userName = 'dinesh@piedpiper.example';
    const body = JSON.stringify({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
    });
    expect((await ask('/Users', { method: 'POST', body })).status).toBe(201);
    expect((await ask('/Users', { method: 'POST', body })).status).toBe(409);
    await panel.getByRole('button', { name: 'Refresh' }).click();
    await panel.getByText('409 uniqueness').waitFor();
    await panel.getByText('last used').waitFor();
    await looksRightInAllModes(page, 'provisioning');

    // Nobody sees the token again.
    await page.reload();
    await panel.getByText('Active, runs out').waitFor();
    expect(await page.content()).not.toContain(token);
    await panel.getByRole('button', { name: 'Change' }).click();
    await panel.getByLabel('Name', { exact: true }).fill('Hooli directory');
    await panel.getByRole('button', { name: 'Save' }).click();
    const renamed = page.getByRole('region', { name: 'Hooli directory' });
    await renamed.getByRole('button', { name: 'Revoke' }).click();
    await renamed.getByText('The directory is cut off at once.').waitFor();
    await renamed.getByRole('button', { name: 'Revoke now' }).click();
    await renamed.getByText('the directory is refused').waitFor();
    expect((await ask('/Users')).status).toBe(401);
    await renamed.getByRole('button', { name: 'Disconnect' }).click();
    await renamed.getByRole('button', { name: 'Disconnect now' }).click();
    await page.getByText('No directory is connected').waitFor();
    expect(admin.problems).toEqual([]);
    await page.context().close();
  }, 180_000);

  it('says so when it cannot be read', async () => {
    const page = await admin.page({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
    await admin.signIn(page, '/');
    await page.route('**/api/v1/scimConnections*', (route) => route.abort());
    await page.goto(`${admin.url}/provisioning`);
    await page.getByText('The directories could not be read').waitFor();
    await looksRightInAllModes(page, 'provisioning-error');
    await page.unroute('**/api/v1/scimConnections*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No directory is connected').waitFor();
    await page.context().close();
  }, 120_000);
});
