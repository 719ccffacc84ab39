import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { browserPath, fill, owner, startAdmin, type Admin } from './admin.js';

/** Lists follow the log within moments; waits for this one. */
async function eventually<Value>(read: () => Promise<Value>, wanted: Value): Promise<void> {
  let last = await read();
  for (let n = 0; n < 40 && JSON.stringify(last) !== JSON.stringify(wanted); n++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    last = await read();
  }
  expect(last).toEqual(wanted);
}

const withBrowser = browserPath ? describe : describe.skip;

withBrowser('a day of a salesperson', () => {
  let admin: Admin;
  let page: Page;
  beforeAll(async () => {
    admin = await startAdmin();
    await fill(admin);
    page = await admin.page({ viewport: { width: 1440, height: 900 } });
  }, 120_000);
  afterAll(() => admin?.close());

  const toast = (text: string) => page.locator('cf-toasts', { hasText: text });
  const column = (name: string) => page.getByRole('region', { name, exact: true });

  it('says what is wrong with a sign-in and goes where the person wanted to', async () => {
    await page.goto(`${admin.url}/companies?industry=finance`);
    await page.getByLabel('Workspace').fill(owner.workspace);
    await page.getByLabel('E-mail address').fill(owner.email);
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'is wrong' }).waitFor();
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${admin.url}/companies?industry=finance`);
    await page.locator('.rows [role="row"]').nth(1).waitFor();
    expect(await page.locator('.rows [role="row"]').count()).toBe(2);
  });

  it('stays signed in over a reload, by a cookie no script can read', async () => {
    await page.reload();
    await page.getByRole('heading', { name: /Companies/ }).waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  it('finds a company by the palette and changes a field, which can be undone', async () => {
    await page.keyboard.press('Control+k');
    await page.getByLabel('Search records and commands').fill('hooli');
    await page.getByRole('option', { name: /Hooli company/ }).waitFor();
    await page.getByRole('option', { name: /Hooli company/ }).click();
    await page.getByRole('heading', { name: 'Hooli' }).waitFor();
    await page.getByRole('button', { name: 'Edit Industry' }).click();
    await page.getByRole('textbox', { name: 'Industry' }).fill('search');
    await page.keyboard.press('Enter');
    await toast('Industry of Hooli changed').waitFor();
    expect(await page.locator('cf-fields-panel').innerText()).toContain('search');
    await toast('Industry of Hooli changed').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone').waitFor();
    await page.locator('cf-fields-panel', { hasText: 'software' }).waitFor();
  });

  it('warns of a company that is there already and creates another', async () => {
    await page.goto(`${admin.url}/companies`);
    await page.locator('.rows [role="row"]').first().waitFor();
    await page.keyboard.press('c');
    await page.getByLabel('Name').first().fill('Hooli');
    await page.keyboard.press('Tab');
    await page.locator('cf-create-dialog [role="alert"]', { hasText: 'Hooli' }).waitFor();
    await page.getByLabel('Name').first().fill('Nucleus');
    await page.keyboard.press('Tab');
    await page.locator('cf-create-dialog').getByRole('button', { name: 'Create company' }).click();
    await page.getByRole('heading', { name: 'Nucleus' }).waitFor();
  });

  it('writes a note and completes a task', async () => {
    await page.getByLabel('Write a note').fill('They are two people.');
    await page.getByRole('button', { name: 'Add note' }).click();
    await toast('Note added').waitFor();
    await page.goto(admin.url);
    await page
      .getByRole('button', { name: /^Complete Call Gavin/ })
      .first()
      .click();
    await toast('Complete: Call Gavin').waitFor();
  });

  it('edits a cell in the list by keys', async () => {
    await page.goto(`${admin.url}/companies?sort=name`);
    await page.locator('.rows [role="row"]').first().waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('e');
    await page.getByRole('textbox', { name: 'Industry' }).fill('aviation');
    await page.keyboard.press('Enter');
    await toast('Industry of Aviato changed').waitFor();
    expect(await page.locator('.rows [role="row"]').first().innerText()).toContain('aviation');
  });

  it('tags several records at once and says what came of it', async () => {
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Add tag' }).click();
    await page.getByLabel('Tag to add').first().fill('tour');
    await page.keyboard.press('Enter');
    await toast('“tour” added to 2 companies').waitFor();
    await eventually(async () => (await admin.api('GET', '/companies?tags=tour')).length, 2);
  });

  it('drags a deal to won, which asks for the day, and back by undo', async () => {
    await page.goto(`${admin.url}/deals/board`);
    const card = page.locator('li', { hasText: 'Platform – Hooli' });
    await card.waitFor();
    const from = (await card.boundingBox())!;
    const to = (await column('Won').boundingBox())!;
    await page.mouse.move(from.x + 40, from.y + 40);
    await page.mouse.down();
    await page.mouse.move(from.x + 60, from.y + 60, { steps: 4 });
    await page.mouse.move(to.x + to.width / 2, to.y + 160, { steps: 12 });
    await page.mouse.up();
    await page.getByRole('heading', { name: 'Win Platform – Hooli' }).waitFor();
    await page.getByRole('button', { name: 'Win deal' }).click();
    await toast('Platform – Hooli won').waitFor();
    const won = async () =>
      (await admin.api('GET', '/deals?status=won')).map(({ name }: { name: string }) => name);
    await eventually(won, ['Platform – Hooli']);
    await toast('Platform – Hooli won').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone').waitFor();
    await column('Prospecting').getByText('Platform – Hooli').waitFor();
    await eventually(won, []);
  });

  it('moves a deal by keys alone', async () => {
    const card = page.locator('li', { hasText: 'Platform – Aviato' }).getByRole('link');
    await card.focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await toast('Platform – Aviato moved to Proposal').waitFor();
    await column('Proposal').getByText('Platform – Aviato').waitFor();
  });

  it('looks at the past, where nothing can be changed, and brings a value back', async () => {
    const [company] = await admin.api('GET', '/companies?name=Hooli');
    const before = new Date().toISOString();
    await admin.api('PATCH', `/companies/${company.id}`, { industry: 'machine learning' });
    await page.goto(`${admin.url}/companies/${company.id}?asOf=${before}`);
    await page.getByRole('button', { name: 'Back to now' }).waitFor();
    expect(await page.getByRole('button', { name: 'Edit Industry' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Restore this value of Industry' }).click();
    await toast('Industry of Hooli changed').waitFor();
    const industry = async () => (await admin.api('GET', `/companies/${company.id}`)).industry;
    await eventually(industry, 'software');
    await page.getByRole('link', { name: 'Deals', exact: true }).first().click();
    await page.waitForURL(/asOf=/);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.waitForURL((url) => !url.searchParams.has('asOf'));
    expect(admin.problems).toEqual([]);
  });

  it('signs out', async () => {
    await page.getByRole('button', { name: /^You:/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to ClientForge' }).waitFor();
    await page.goto(`${admin.url}/deals`);
    await page.waitForURL(/sign-in\?next=/);
  });
});
