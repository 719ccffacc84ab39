import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { totpCode } from '#platform/auth/totp';
import { browserPath, owner, startAdmin, type Admin } from './admin.js';
import { looksRight } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('signing in with a second factor', () => {
  let admin: Admin;
  let page: Page;
  let codes: string[];
  beforeAll(async () => {
    admin = await startAdmin();
    // The page's own policy lets no script in; axe is one.
    page = await admin.page({ viewport: { width: 390, height: 844 }, bypassCSP: true });
    await admin.api('PATCH', '/tenant/mfa-policy', { requiredRoles: ['owner'] });
  }, 120_000);
  afterAll(() => admin?.close());

  const password = async () => {
    await page.goto(`${admin.url}/sign-in`);
    await page.getByLabel('Workspace').fill(owner.workspace);
    await page.getByLabel('E-mail address').fill(owner.email);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  const goOn = async (code: string) => {
    await page.getByLabel('Code', { exact: true }).fill(code);
    await page.getByRole('button', { name: 'Go on' }).click();
  };

  it('sends a code by e-mail where the workspace allows it', async () => {
    await admin.api('PATCH', '/tenant/mfa-policy', { emailCodes: true });
    await password();
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await looksRight(page, 'second-step-one-more-step-light-390');
    await page.getByRole('button', { name: 'Send me a code' }).click();
    await page.getByText('A code is on its way').waitFor();
    await looksRight(page, 'second-step-code-sent-light-390');
    const [mail] = await admin.platform.mail.list(admin.tenantId, 1);
    await goOn(/\b\d{6}\b/.exec(mail!.text!)![0]);
    await page.waitForURL(`${admin.url}/`);
    await admin.api('PATCH', '/tenant/mfa-policy', { emailCodes: false });
    await page.context().clearCookies();
  });

  it('has whoever needs a factor add one on the way in', async () => {
    await password();
    await page.getByRole('heading', { name: 'Add a second factor' }).waitFor();
    await page.locator('.key code').waitFor();
    await looksRight(page, 'second-step-add-factor-light-390');
    await goOn('000000');
    await page.getByRole('alert').waitFor();
    const shown = await page.locator('.key code').innerText();
    const secret = shown.replaceAll(/\s/g, '');
    await goOn(totpCode(secret, Math.floor(Date.now() / 30_000)));
    await page.getByRole('heading', { name: 'Keep these codes' }).waitFor();
    await looksRight(page, 'second-step-recovery-codes-light-390');
    codes = await page.locator('.codes code').allInnerTexts();
    expect(codes).toHaveLength(10);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.waitForURL(`${admin.url}/`);
  });

  it('asks for a code after the password, and takes a recovery code instead', async () => {
    await page.context().clearCookies();
    await password();
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
    await looksRight(page, 'second-step-enter-code-light-390');
    await goOn('000000');
    await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
    await goOn(codes[0]!);
    await page.waitForURL(`${admin.url}/`);
    expect(admin.problems).toEqual([]);
  });
});
