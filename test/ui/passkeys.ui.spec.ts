import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CDPSession, Page } from 'playwright-core';
import { browserPath, eventually, keepScreenshot, owner, startAdmin, type Admin } from './admin.js';
import { looksRight } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('passkeys in the browser', () => {
  let admin: Admin;
  let page: Page;
  let device: CDPSession;
  let authenticatorId: string;
  beforeAll(async () => {
    admin = await startAdmin();
    page = await admin.page({ viewport: { width: 390, height: 844 }, bypassCSP: true });
    device = await page.context().newCDPSession(page);
    await device.send('WebAuthn.enable');
    const made = await device.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    ({ authenticatorId } = made);
  }, 120_000);
  afterAll(() => admin?.close());

  const verified = (isUserVerified: boolean) =>
    device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
  const passkey = () => page.getByRole('button', { name: 'Use a passkey' });

  it('S13 adds a passkey, shows recovery codes once, and names it', async () => {
    await admin.signIn(page, '/security');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByLabel('What you call it').fill('Work laptop');
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByRole('heading', { name: 'Keep these codes' }).waitFor();
    await looksRight(page, 'security-passkey-codes-light-390');
    await eventually(async () => expect(await page.locator('.codes code').count()).toBe(10));
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('Work laptop').waitFor();
    const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }]);
    await keepScreenshot(page, 'security-passkey-light-390');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByText('This device has a passkey of yours already.').waitFor();
  }, 120_000);

  it('S13 signs in with the passkey alone', async () => {
    await page.context().clearCookies();
    await page.goto(`${admin.url}/sign-in`);
    await passkey().click();
    await page.waitForURL(`${admin.url}/`);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
  }, 60_000);

  it('S13 signs in with the password and the passkey as second factor', async () => {
    await page.context().clearCookies();
    await page.goto(`${admin.url}/sign-in`);
    await page.getByLabel('Workspace').fill(owner.workspace);
    await page.getByLabel('E-mail address').fill(owner.email);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await looksRight(page, 'second-passkey-light-390');
    await passkey().click();
    await page.waitForURL(`${admin.url}/`);
  }, 60_000);

  it('S13 a passkey proves who one is before something dangerous', async () => {
    await page.goto(`${admin.url}/security`);
    await page.getByText('Work laptop').waitFor();
    await admin.platform.database.tenant(admin.tenantId, async (db) => {
      await db.query(`UPDATE auth_session SET signed_in_at = signed_in_at - interval '11 minutes'`);
      await db.query(`UPDATE auth_proof SET proven_at = proven_at - interval '11 minutes'`);
    });
    await page.getByRole('button', { name: 'Make new recovery codes' }).click();
    await page.getByRole('dialog', { name: 'Is it still you?' }).waitFor();
    await looksRight(page, 'security-step-up-light-390');
    await passkey().click();
    await page.getByRole('heading', { name: 'Keep these codes' }).waitFor();
  }, 60_000);

  it('S13 a device that does not verify the person signs nobody in', async () => {
    await page.context().clearCookies();
    await page.goto(`${admin.url}/sign-in`);
    await verified(false);
    await passkey().click();
    await page.getByRole('alert').filter({ hasText: 'No passkey was given' }).waitFor();
    await looksRight(page, 'sign-in-no-passkey-light-390');
    await verified(true);
    await passkey().click();
    await page.waitForURL(`${admin.url}/`);
    expect(admin.problems).toEqual([]);
  }, 60_000);
});
