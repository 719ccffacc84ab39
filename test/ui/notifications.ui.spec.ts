import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { systemContext } from '#platform/platform';
import { browserPath, eventually, fill, startAdmin, type Admin } from './admin.js';
import { looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;
withBrowser('notifications', () => {
  let admin: Admin;
  let page: Page;
  let me: string;
  beforeAll(async () => {
    admin = await startAdmin();
    await fill(admin);
    me = (await admin.api('GET', '/auth/me')).user.id;
    page = await admin.page({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
  }, 120_000);
  afterAll(() => admin?.close());

  const looksRight = (name: string) => looksRightInAllModes(page, name);
  /** As the product tells somebody whom a task or a deal was given to. */
  const raise = async (relatedToType: 'task' | 'deal', relatedToId: string) => {
    const ctx = systemContext(admin.tenantId, 'spec');
    const input = { recipientId: me, reason: 'assigned', relatedToType, relatedToId };
    const told = await admin.platform.dispatch('RaiseNotification', input, ctx, { id: uuidv7() });
    if (isRefusal(told)) throw new Error(told.message);
  };
  const bell = (unread?: number) =>
    page.getByRole('button', {
      name: unread ? `Notifications: ${unread} unread` : 'Notifications',
      exact: true,
    });
  const panel = () => page.getByRole('dialog', { name: 'Notifications' });

  it('say that there are none yet', async () => {
    await admin.signIn(page, '/notifications');
    await page.getByText('No notifications yet').waitFor();
    await looksRight('notifications-empty');
    await bell().click();
    await panel().getByText('Nothing yet').waitFor();
    await looksRight('bell-empty');
    await page.keyboard.press('Escape');
    await panel().waitFor({ state: 'detached' });
  }, 90_000);

  it('arrive by themselves, lead to the record and are read then', async () => {
    const [deal] = await admin.api('GET', '/deals?search=Hooli');
    const tasks = await admin.api('GET', '/tasks?limit=3');
    await raise('deal', deal.id);
    await bell(1).waitFor({ timeout: 2_000 });
    await page.getByRole('list', { name: 'Notifications' }).getByText(deal.name).waitFor();
    for (const task of tasks) await raise('task', task.id);
    await bell(4).waitFor({ timeout: 4_000 });
    await looksRight('notifications');
    await bell(4).press('Enter');
    await panel().getByText('You were given the deal').waitFor();
    await looksRight('bell');
    await panel().getByRole('link', { name: deal.name }).click();
    await page.waitForURL(`${admin.url}/deals/${deal.id}`);
    await panel().waitFor({ state: 'detached' });
    await bell(3).waitFor();
  }, 90_000);

  it('are marked one by one, and all at once', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('n');
    await panel().getByRole('button', { name: 'Mark as read' }).first().click();
    await bell(2).waitFor();
    await panel().getByRole('button', { name: 'Mark as unread' }).first().click();
    await bell(3).waitFor();
    await panel().getByRole('link', { name: 'All notifications' }).click();
    await page.getByRole('button', { name: 'Unread only' }).click();
    await page.waitForURL(/show=unread/);
    const rows = page.getByRole('list', { name: 'Notifications' }).getByRole('listitem');
    await rows.nth(2).waitFor();
    await eventually(async () => expect(await rows.count()).toBe(3));
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await page.getByText('Everything is read').waitFor();
    await bell().waitFor();
    await looksRight('notifications-read');
    await page.getByRole('button', { name: 'Show all' }).click();
    await rows.nth(3).waitFor();
    await eventually(async () =>
      expect(await admin.api('GET', '/notifications?isRead=false')).toEqual([]),
    );
  }, 90_000);

  it('are shown page by page, and say so when they cannot be read', async () => {
    const [deal] = await admin.api('GET', '/deals?limit=1');
    for (let n = 0; n < 35; n++) await raise('deal', deal.id);
    await bell(35).waitFor();
    await page.goto(`${admin.url}/notifications`);
    const rows = page.getByRole('list', { name: 'Notifications' }).getByRole('listitem');
    await page.getByRole('heading', { name: /Notifications\s+39/ }).waitFor();
    await rows.nth(29).scrollIntoViewIfNeeded();
    await rows.nth(38).waitFor();
    await eventually(async () => expect(await rows.count()).toBe(39));

    await page.route('**/graphql', async (route) => {
      const body = route.request().postData() ?? '';
      return /query (Notices|Bell)/.test(body) ? route.abort() : route.continue();
    });
    await page.getByRole('button', { name: 'Unread only' }).click();
    await page.getByText('The notifications could not be read').first().waitFor();
    await looksRight('notifications-error');
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows.nth(29).waitFor();
    const expected = /ERR_FAILED/;
    expect(admin.problems.filter((problem) => !expected.test(problem))).toEqual([]);
    await page.context().close();
  }, 90_000);
});
