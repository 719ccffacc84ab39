import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { PLATFORM_TENANT } from '#kernel/ids';
import { browserPath, eventually, owner, startAdmin, type Admin } from './admin.js';
import { looksRight, looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;
const narrow = { viewport: { width: 390, height: 844 }, bypassCSP: true };
const wide = { viewport: { width: 1440, height: 900 }, bypassCSP: true };

withBrowser('making a workspace', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin({ signUp: 'open' });
  }, 120_000);
  afterAll(() => admin?.close());

  const title = (page: Page) => page.getByRole('heading', { name: 'Make a workspace' }).waitFor();
  /** Asks for a link on the page and takes its path out of the mail. */
  const linkFor = async (page: Page, email: string): Promise<string> => {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('A link is on its way').waitFor();
    for (;;) {
      const mails = await admin.platform.mail.list(PLATFORM_TENANT, 100);
      const found = mails.find(({ to, text }) => to === email && text?.includes('/sign-up#'));
      if (found) return /\/sign-up#\S+/.exec(found.text!)![0];
      await page.waitForTimeout(50);
    }
  };
  const say = async (page: Page, name: string, person: string, password = owner.password) => {
    await page.getByLabel('Name of the workspace').fill(name);
    await page.getByLabel('Your name').fill(person);
    await page.getByLabel('New password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Make the workspace' }).click();
  };
  const told = (page: Page, text: string) =>
    page.getByRole('alert').filter({ hasText: text }).waitFor();

  it('B1 leads from the sign-in page over a link to the new workspace', async () => {
    const page = await admin.page(narrow);
    await page.goto(`${admin.url}/sign-in`);
    await page.getByRole('link', { name: 'Make a workspace' }).click();
    await page.waitForURL(`${admin.url}/sign-up`);
    await title(page);
    const link = await linkFor(page, 'gavin@hooli.example');
    await looksRight(page, 'sign-up-sent-narrow');
    await page.goto('about:blank');
    await page.goto(`${admin.url}${link}`);
    await say(page, 'Hooli', 'Gavin Belson', 'short');
    await told(page, 'needs at least');
    await page.getByLabel('New password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Make the workspace' }).click();
    await page.waitForURL(`${admin.url}/`);
    await page.goto(`${admin.url}/plan`);
    await page.getByText('1 of 5 taken').waitFor();
    await page.context().close();
  });

  it('B1 names a short name that is taken, and the link stays good for another', async () => {
    const page = await admin.page(wide);
    await page.goto(`${admin.url}/sign-up`);
    const link = await linkFor(page, 'peter@raviga.example');
    await page.goto('about:blank');
    await page.goto(`${admin.url}${link}`);
    await say(page, 'Pied Piper', 'Peter Gregory');
    await told(page, `Another workspace has the address ${owner.workspace}.`);
    await looksRight(page, 'sign-up-taken');
    await page.getByLabel('Short name').fill('admin');
    await page.getByRole('button', { name: 'Make the workspace' }).press('Enter');
    await told(page, 'kept for the platform');
    await page.getByLabel('Short name').fill('raviga');
    await page.getByRole('button', { name: 'Make the workspace' }).press('Enter');
    await page.waitForURL(`${admin.url}/`);
    await page.context().close();
    const again = await admin.page(wide);
    await again.goto(`${admin.url}${link}`);
    await say(again, 'Raviga again', 'Peter Gregory');
    await told(again, 'link');
    await again.context().close();
  });

  it('B1 looks right in every mode, before and after the link', async () => {
    const page = await admin.page(wide);
    await page.goto(`${admin.url}/sign-in`);
    await page.getByRole('link', { name: 'Make a workspace' }).waitFor();
    await looksRightInAllModes(page, 'sign-in-open');
    await page.goto(`${admin.url}/sign-up`);
    await title(page);
    await looksRightInAllModes(page, 'sign-up');
    await page.goto('about:blank');
    await page.goto(`${admin.url}/sign-up#by-a-link`);
    await page.getByLabel('Name of the workspace').waitFor();
    await looksRightInAllModes(page, 'sign-up-by-link');
    await page.context().close();
    expect(admin.problems).toEqual([]);
  });
});

withBrowser('a platform where workspaces are made by its operator', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
  }, 120_000);
  afterAll(() => admin?.close());

  it('B1 offers no sign-up, and says who makes workspaces', async () => {
    const page = await admin.page(narrow);
    const asked = page.waitForResponse((answer) => answer.url().endsWith('/auth/sign-up'));
    await page.goto(`${admin.url}/sign-in`);
    await asked;
    await page.getByRole('link', { name: 'I forgot my password' }).waitFor();
    await eventually(async () =>
      expect(await page.getByRole('link', { name: 'Make a workspace' }).count()).toBe(0),
    );
    await page.goto(`${admin.url}/sign-up`);
    await page.getByLabel('E-mail address').fill('gavin@hooli.example');
    await page.getByRole('button', { name: 'Send the link' }).click();
    const text = 'Workspaces are made by whoever operates this platform.';
    await page.getByRole('alert').filter({ hasText: text }).waitFor();
    await looksRightInAllModes(page, 'sign-up-closed');
    expect(admin.problems).toEqual([]);
    await page.context().close();
  });
});
