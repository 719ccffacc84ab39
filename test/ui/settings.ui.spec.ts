import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import { PLATFORM_TENANT } from '#kernel/ids';
import { changeSettingAt } from '#platform/settings/change-setting';
import { systemContext } from '#platform/platform';
import { browserPath, eventually, startAdmin, type Admin } from './admin.js';
import { looksRight } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('settings, level by level', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
  }, 120_000);
  afterAll(() => admin.close());

  const narrow = { viewport: { width: 390, height: 844 }, bypassCSP: true };
  const wide = { viewport: { width: 1440, height: 900 }, bypassCSP: true };
  const dark: BrowserContextOptions = { ...wide, colorScheme: 'dark' };
  const open = async (options: BrowserContextOptions) => {
    const page = await admin.page(options);
    await admin.signIn(page, '/settings');
    await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor();
    await page.getByLabel('Theme').waitFor();
    return page;
  };
  const theme = async () => {
    const [found] = await admin.api('GET', '/settings/resolve?key=appearance.theme');
    return found;
  };

  it('A9 what people choose holds at once, and can be taken back', async () => {
    const page = await open(wide);
    await page.getByLabel('Theme').selectOption('dark');
    await page.getByText('Theme is saved.').waitFor();
    await page.locator('html[data-theme=dark]').waitFor();
    await eventually(async () =>
      expect(await theme()).toMatchObject({ value: 'dark', source: 'user' }),
    );
    await looksRight(page, 'settings-own');
    const takeBack = page.getByRole('button', { name: 'Take back what is set for Theme' });
    await takeBack.click();
    await takeBack.waitFor({ state: 'detached' });
    await eventually(async () => expect(await theme()).toMatchObject({ source: 'default' }));
    await page.context().close();
  });

  it('A9 the workspace locks a setting with a reason, and keeps a history', async () => {
    const page = await open(dark);
    await page.getByRole('button', { name: 'Workspace' }).click();
    await page.getByLabel('Theme', { exact: true }).selectOption('light');
    await page.getByText('Theme is saved.').waitFor();
    await page.getByLabel('Who may change Theme').selectOption('hard');
    await page.getByLabel('Why Theme is locked').fill('House style');
    await page
      .getByRole('form', { name: 'Lock of Theme' })
      .getByRole('button', { name: 'Save the lock' })
      .press('Enter');
    await page.getByRole('button', { name: 'Show what was changed' }).click();
    await page.getByText('(House style)').waitFor();
    await eventually(async () =>
      expect(await theme()).toMatchObject({ lock: { lock: 'hard', level: 'tenant' } }),
    );
    await looksRight(page, 'settings-workspace-dark');
    await page.getByRole('button', { name: 'Yours' }).click();
    await page.getByText('Locked by the workspace: House style').waitFor();
    await eventually(async () =>
      expect(await page.getByLabel('Theme', { exact: true }).isDisabled()).toBe(true),
    );
    await page.context().close();
  });

  it('is usable on a phone, and says what is out of bounds', async () => {
    const page = await open(narrow);
    await page.getByRole('button', { name: 'Workspace' }).click();
    await page.getByLabel('Shortest password').fill('7');
    await page.getByLabel('Shortest password').press('Enter');
    await page.getByRole('alert').waitFor();
    await looksRight(page, 'settings-workspace-narrow');
    await page.context().close();
    const night = await open({ ...narrow, colorScheme: 'dark' });
    await looksRight(night, 'settings-narrow-dark');
    await night.context().close();
  });

  it('shows what the platform has locked as locked', async () => {
    const ctx = systemContext(PLATFORM_TENANT, 'spec');
    const lock = { key: 'notifications.assigned', value: true, lock: 'hard' };
    await admin.platform.dispatch(changeSettingAt.platform.name, lock, ctx, {
      id: PLATFORM_TENANT,
    });
    const page = await open(wide);
    await page.getByText('Locked by the platform').waitFor();
    await eventually(async () =>
      expect(await page.getByLabel('Assigned work').isDisabled()).toBe(true),
    );
    expect(admin.problems).toEqual([]);
    await page.context().close();
  });
});
