import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { browserPath, fill, startAdmin, type Admin } from './admin.js';
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
});
