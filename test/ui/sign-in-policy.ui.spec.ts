import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { browserPath, eventually, owner, startAdmin, type Admin } from './admin.js';
import { looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;
const wide = { width: 1440, height: 900 };

withBrowser('sign-in policy', () => {
  let admin: Admin;
  let page: Page;
  beforeAll(async () => {
    admin = await startAdmin();
    page = await admin.page({ viewport: wide, bypassCSP: true });
    await admin.signIn(page, '/sign-in-policy');
  }, 120_000);
  afterAll(() => admin?.close());

  const looksRight = (name: string) => looksRightInAllModes(page, name);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  it('says whom a second factor would stop before it is required, and keeps who changed it', async () => {
    const meaning = page.getByRole('status').filter({ hasText: 'second factor' });
    await meaning.filter({ hasText: 'Nobody needs a second factor' }).waitFor();
    await page.getByText('Nobody changed who needs a second factor.').waitFor();
    await looksRight('sign-in-policy-empty');
    await page.getByRole('checkbox', { name: 'owner' }).press('Space');
    await meaning.filter({ hasText: '1 person of these roles has no second factor' }).waitFor();
    await meaning.filter({ hasText: 'Their sessions end' }).waitFor();
    await page.getByLabel('From when on').selectOption('In two weeks');
    await meaning.filter({ hasText: 'Until then they sign in as before' }).waitFor();
    await page.getByRole('checkbox', { name: 'A code by e-mail' }).check();
    await meaning.filter({ hasText: 'a code by e-mail whenever' }).waitFor();
    await looksRight('sign-in-policy-form');
    await press('Take it back');
    await meaning.filter({ hasText: 'Nobody needs a second factor' }).waitFor();
    await press('The whole workspace');
    await page.getByLabel('From when on').selectOption('In a week');
    await press('Save the policy');
    await page.getByText('The policy is saved.').waitFor();
    await page.getByText('changed who needs a second factor in').waitFor();
    const { secondFactor } = await admin.api('GET', '/tenant/sign-in-policy');
    expect(secondFactor).toMatchObject({
      requiredRoles: ['owner', 'admin', 'manager', 'member', 'viewer'],
      emailCodes: false,
    });
    expect(Date.parse(secondFactor.enforcedFrom)).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    await eventually(async () =>
      expect(await page.getByLabel('From when on').inputValue()).toBe('kept'),
    );
    await looksRight('sign-in-policy');
  }, 120_000);

  it('S12 shows the rule of passwords as it results, and refuses what is below it', async () => {
    await page.getByText('at least 15 characters, and beside a required').waitFor();
    await page.getByText('second factor at least 8.').waitFor();
    await page.getByLabel('Shortest password').fill('12');
    await press('Save the length');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Shortest password').fill('18');
    await press('Save the length');
    await page.getByText('second factor at least 18.').waitFor();
    await page.getByText('Set to 18').waitFor();
  }, 60_000);

  it('S13 whoever needs a factor makes a passkey on the way in', async () => {
    await page.getByLabel('From when on').selectOption('At once');
    const saved = page.waitForResponse((one) => one.url().endsWith('/tenant/mfa-policy'));
    await press('Save the policy');
    expect((await saved).status()).toBe(200);
    await page.context().clearCookies();
    const device = await page.context().newCDPSession(page);
    await device.send('WebAuthn.enable');
    await device.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    const password = async () => {
      await page.goto(`${admin.url}/sign-in`);
      await page.getByLabel('Workspace').fill(owner.workspace);
      await page.getByLabel('E-mail address').fill(owner.email);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByLabel('Password', { exact: true }).fill(owner.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await password();
    await page.getByRole('heading', { name: 'Add a second factor' }).waitFor();
    await page.locator('.key code').waitFor();
    await looksRight('enrolment-passkey');
    await page.getByRole('button', { name: 'Make a passkey' }).press('Enter');
    await page.getByRole('heading', { name: 'Keep these codes' }).waitFor();
    await eventually(async () => expect(await page.locator('.codes code').count()).toBe(10));
    await press('I have kept them');
    await page.waitForURL(`${admin.url}/`);
    await page.context().clearCookies();
    await password();
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL(`${admin.url}/`);
    expect(admin.problems).toEqual([]);
  }, 120_000);

  it('says so when it cannot be read', async () => {
    await page.route('**/api/v1/tenant/sign-in-policy', (route) => route.abort());
    await page.goto(`${admin.url}/sign-in-policy`);
    await page.getByText('The policy could not be read').waitFor();
    await looksRight('sign-in-policy-error');
    await page.unroute('**/api/v1/tenant/sign-in-policy');
    await press('Try again');
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
  }, 60_000);
});
