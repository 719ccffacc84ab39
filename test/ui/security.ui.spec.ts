import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { totpCode } from '#platform/auth/totp';
import { browserPath, eventually, startAdmin } from './admin.js';
import type { Admin } from './admin.js';
import { looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;

withBrowser('security pages', () => {
  let admin: Admin;
  let page: Page;
  beforeAll(async () => {
    admin = await startAdmin();
    page = await admin.page({ viewport: sizes[0], bypassCSP: true });
    await admin.signIn(page, '/security');
  }, 120_000);
  afterAll(() => admin?.close());

  const press = (name: string) => page.getByRole('button', { name }).click();

  it('lists where one is signed in, and ends the other sessions', async () => {
    const sessions = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem');
    await sessions.filter({ hasText: 'This session' }).waitFor();
    await eventually(async () => expect(await sessions.count()).toBe(2));
    await press('End all others');
    await page.getByText('All other sessions have ended.').waitFor();
    await expect(admin.api('GET', '/auth/me')).rejects.toThrow();
    await eventually(async () => expect(await sessions.count()).toBe(1));
  }, 60_000);

  it('adds an authenticator app by its QR code, and shows recovery codes once', async () => {
    await page.getByText('your password alone signs you in').waitFor();
    await looksRightInAllModes(page, 'security-empty');
    await press('Add an authenticator app');
    await page.getByRole('img', { name: 'QR code of the key' }).waitFor();
    await looksRightInAllModes(page, 'security-app');
    const secret = (await page.locator('.shown code').innerText()).replaceAll(/\s/g, '');
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await press('Add the app');
    await page.getByRole('alert').waitFor();
    const code = totpCode(secret, Math.floor(Date.now() / 30_000));
    await page.getByLabel('Code', { exact: true }).fill(code);
    await press('Add the app');
    await page.getByRole('heading', { name: 'Keep these codes' }).waitFor();
    await looksRightInAllModes(page, 'security-codes');
    const saved = page.waitForEvent('download');
    await press('Download');
    expect((await saved).suggestedFilename()).toBe('clientforge-recovery-codes.txt');
    await press('I have kept them');
    await page.locator('.codes').waitFor({ state: 'detached' });
    await press('Rename Authenticator app');
    await page.getByLabel('New name of Authenticator app').fill('Phone');
    await press('Save the name');
    await page.getByText('10 recovery codes are left').waitFor();
    await page.getByRole('button', { name: 'Remove Phone' }).waitFor();
    await looksRightInAllModes(page, 'security-full');
  }, 120_000);

  it('makes an API key, shows it once, replaces and revokes it', async () => {
    await page.goto(`${admin.url}/api-keys`);
    await page.getByText('No API keys yet').waitFor();
    await looksRightInAllModes(page, 'api-keys-empty');
    await press('Make an API key');
    await press('Make the key');
    await page.getByRole('alert').filter({ hasText: 'what the key is for' }).waitFor();
    await page.getByLabel('What it is for').fill('Nightly export');
    await page.getByLabel('Only from these addresses').fill('nonsense');
    await page.getByRole('checkbox', { name: 'read companies' }).check();
    await press('Make the key');
    await page.getByRole('alert').filter({ hasText: 'no address or network' }).waitFor();
    await looksRightInAllModes(page, 'api-keys-form');
    await page.getByLabel('Only from these addresses').fill('127.0.0.0/8, ::1');
    await press('Make the key');
    await page.getByRole('heading', { name: 'Keep this key' }).waitFor();
    const key = await page.locator('.shown code').innerText();
    expect(key).toMatch(/^cf_/);
    const used = await fetch(`${admin.url}/api/v1/companies`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(used.status).toBe(200);
    await press('I have kept it');
    await press('Replace Nightly export');
    await page.getByText('The former key stays good').waitFor();
    await eventually(async () =>
      expect(await page.locator('.shown code').innerText()).not.toBe(key),
    );
    await press('Everybody’s');
    await page.getByRole('heading', { name: 'Keys of the workspace' }).waitFor();
    await page.getByText('Richard Hendricks').first().waitFor();
    await looksRightInAllModes(page, 'api-keys-full');
    await press('Revoke Nightly export');
    await page.getByText(/revoked\s+·\s+used/).waitFor();
  }, 120_000);

  it('shows sign-ins and what was refused, by kind and person', async () => {
    await page.goto(`${admin.url}/security-log`);
    await page.getByText('signed in').first().waitFor();
    await looksRightInAllModes(page, 'security-log');
    await press('API keys');
    await page.getByText('revoked an API key of').first().waitFor();
    await press('Refused access');
    await page.getByText('Nothing was refused').waitFor();
    await looksRightInAllModes(page, 'security-log-refused-empty');
    await admin.platform.database.tenant(admin.tenantId, async (db) => {
      await db.query(
        `INSERT INTO access_log (tenant_id, id, actor_id, record_type, record_id, action, ip, at)
         SELECT $1, gen_random_uuid(), (SELECT user_id FROM auth_session LIMIT 1),
                'DeleteCompany', $1, 'refused', '127.0.0.1', now() - n * interval '1 minute'
           FROM generate_series(1, 60) n`,
        [admin.tenantId],
      );
    });
    await page.reload();
    const rows = page.getByRole('list', { name: 'Refused access' }).getByRole('listitem');
    await page.getByText('was refused delete company').first().waitFor();
    await eventually(async () => expect(await rows.count()).toBe(50));
    await press('Show more');
    await rows.nth(59).waitFor();
    await press('Anybody');
    await page.getByRole('option', { name: 'Richard Hendricks' }).click();
    await page.waitForURL(/person=/);
    await rows.first().waitFor();
    await looksRightInAllModes(page, 'security-log-refused');
    expect(admin.problems).toEqual([]);
  }, 120_000);
});
