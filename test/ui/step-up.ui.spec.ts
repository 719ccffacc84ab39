import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { accessibilityProblems, browserPath, keepScreenshot, owner, startAdmin } from './admin.js';
import type { Admin } from './admin.js';

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('a fresh proof before something dangerous', () => {
  let admin: Admin;
  let page: Page;
  beforeAll(async () => {
    admin = await startAdmin();
    page = await admin.page({ viewport: { width: 390, height: 844 }, bypassCSP: true });
    await admin.signIn(page, '/audit');
  }, 120_000);
  afterAll(() => admin?.close());

  const aged = () =>
    admin.platform.database.tenant(admin.tenantId, async (db) => {
      await db.query(`UPDATE auth_session SET signed_in_at = signed_in_at - interval '11 minutes'`);
      await db.query(`UPDATE auth_proof SET proven_at = proven_at - interval '11 minutes'`);
    });
  const dialog = () => page.getByRole('dialog', { name: 'Is it still you?' });
  const goOn = async (password: string) => {
    await dialog().getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
  };
  const erase = async (name: string) => {
    await page.getByRole('button', { name: 'More about this record' }).click();
    await page.getByRole('menuitem', { name: 'Erase for ever' }).click();
    await page.getByLabel('to confirm').fill(name);
    await page.getByRole('button', { name: 'Erase for ever' }).click();
  };

  it('asks for the password, and then does what was asked for over REST', async () => {
    await aged();
    const save = page.getByRole('button', { name: 'Download the log' });
    await save.click();
    await dialog().waitFor();
    await page.waitForFunction("document.activeElement?.id === 'proof'");
    await goOn('not the password');
    await dialog().getByRole('alert').waitFor();
    await keepScreenshot(page, 'step-up-light-390');
    expect(await accessibilityProblems(page)).toEqual([]);
    const saved = page.waitForEvent('download');
    await goOn(owner.password);
    expect((await saved).suggestedFilename()).toBe('log.ndjson');
    // For ten minutes there is nothing more to prove.
    const again = page.waitForEvent('download');
    await save.click();
    await again;
  }, 60_000);

  it('asks before a change over GraphQL, and leaves it undone when nobody answers', async () => {
    const made = { firstName: 'Russ', lastName: 'Hanneman', email: 'russ@hooli.example' };
    const { id } = await admin.api('POST', '/contacts', made);
    await page.goto(`${admin.url}/contacts/${id}`);
    await page.getByRole('heading', { name: 'Russ Hanneman' }).waitFor();
    await aged();
    await erase('Russ Hanneman');
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('proof of who you are').waitFor();
    await page.getByRole('button', { name: 'Erase for ever' }).click();
    await dialog().waitFor();
    await goOn(owner.password);
    await page.getByRole('heading', { name: /is erased|Erasing/ }).waitFor();
    expect(admin.problems).toEqual([]);
  }, 60_000);
});
