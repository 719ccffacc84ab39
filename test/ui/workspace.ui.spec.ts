import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { browserPath, fill, owner, startAdmin, type Admin } from './admin.js';
import { looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('the page of the whole workspace', () => {
  let admin: Admin;
  let page: Page;
  beforeAll(async () => {
    admin = await startAdmin();
    await fill(admin);
    page = await admin.page({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
    await admin.signIn(page, '/workspace');
  }, 120_000);
  afterAll(() => admin?.close());

  const button = (name: string) => page.getByRole('button', { name });

  it('exports the workspace into a file that can be downloaded', async () => {
    await page.getByText('Nothing was exported yet.').waitFor();
    await looksRightInAllModes(page, 'workspace-empty');
    await button('Begin an export').focus();
    await page.keyboard.press('Enter');
    await button('Download').waitFor();
    await page.getByText('records').first().waitFor();
    await looksRightInAllModes(page, 'workspace-exported');
    const saved = page.waitForEvent('download');
    await button('Download').click();
    expect((await saved).suggestedFilename()).toMatch(/^pied-piper-export-[\d-]+\.tar\.gz$/);
    expect(admin.problems).toEqual([]);
  }, 120_000);

  it('says what went wrong, and takes it up again', async () => {
    await page.route('**/api/v1/tenant/export', (route) =>
      route.fulfill({ status: 503, contentType: 'application/json', body: '{}' }),
    );
    await page.reload();
    await page.getByText('How the last export stands could not be read.').waitFor();
    await looksRightInAllModes(page, 'workspace-failed');
    await page.unroute('**/api/v1/tenant/export');
    await button('Try again').click();
    await button('Download').waitFor();
  }, 60_000);

  it('closes the workspace once its name was typed, and leads out of it', async () => {
    const remove = button('Delete the workspace');
    expect(await remove.isDisabled()).toBe(true);
    const name = page.getByLabel('Type “Pied Piper” to confirm');
    await name.fill('Hooli');
    expect(await remove.isDisabled()).toBe(true);
    await name.fill('Pied Piper');
    await page.route('**/api/v1/tenant/deletion', (route) =>
      route.fulfill({ status: 422, contentType: 'application/json', body: '{}' }),
    );
    await remove.click();
    await page.getByRole('alert').waitFor();
    await looksRightInAllModes(page, 'workspace-deletion-failed');
    await page.unroute('**/api/v1/tenant/deletion');
    await name.press('Enter');
    await page.waitForURL('**/sign-in');
    await page.getByText(/^Pied Piper is closed, and deleted on /).waitFor();
    await page.getByLabel('Workspace').fill(owner.workspace);
    await page.getByLabel('E-mail address').fill(owner.email);
    await button('Continue').click();
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await button('Sign in').click();
    await page.getByText(/scheduled for deletion on \d{4}-\d{2}-\d{2}/).waitFor();
    await looksRightInAllModes(page, 'workspace-deletion-scheduled');
    // The answer of the test before is the only one a browser complains of.
    expect(admin.problems.filter((text) => !text.includes('503'))).toEqual([]);
  }, 120_000);
});
