import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { browserPath, eventually, fill, owner, startAdmin, type Admin } from './admin.js';

/** Lists follow the log within moments; waits for this one. */
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
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'is wrong' }).waitFor();
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${admin.url}/companies?industry=finance`);
    await page.locator('.rows [role="row"]').nth(1).waitFor();
    await eventually(async () => expect(await page.locator('.rows [role="row"]').count()).toBe(2));
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
    await eventually(async () =>
      expect(await page.locator('cf-fields-panel').innerText()).toContain('search'),
    );
    await toast('Industry of Hooli changed').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone').waitFor();
    await page.locator('cf-fields-panel', { hasText: 'software' }).waitFor();
  });

  it('warns of a company that is there already and creates another', async () => {
    await page.goto(`${admin.url}/companies`);
    await page.locator('.rows [role="row"]').first().waitFor();
    await page.keyboard.press('c');
    await page.getByLabel('Name').first().fill('Hooli');
    await page.locator('cf-create-dialog [role="alert"]', { hasText: 'Hooli' }).waitFor();
    await page.getByLabel('Name').first().fill('Nucleus');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Nucleus' }).waitFor();
  });

  it('adds a contact and a deal to it', async () => {
    const tab = (name: string) => page.getByRole('link', { name, exact: true }).last();
    await tab('Contacts').click();
    await page.getByRole('button', { name: 'Create contact' }).click();
    const dialog = page.locator('cf-create-dialog');
    await dialog.getByLabel('First name').fill('Nelson');
    await dialog.getByLabel('Last name').fill('Bighetti');
    await page.keyboard.press('Enter');
    await toast('Nelson Bighetti created').waitFor();
    await page.getByRole('link', { name: 'Nelson Bighetti' }).waitFor();
    await tab('Deals').click();
    await page.getByRole('button', { name: 'Create deal' }).click();
    await dialog.getByLabel('Name').first().fill('Platform – Nucleus');
    await page.keyboard.press('Enter');
    await toast('Platform – Nucleus created').waitFor();
    await page.getByRole('link', { name: 'Platform – Nucleus' }).click();
    await page.getByRole('heading', { name: 'Platform – Nucleus' }).waitFor();
  });

  it('gives the deal a line, from which its amount follows', async () => {
    await page.getByRole('link', { name: 'Line items' }).click();
    await page.getByRole('button', { name: 'Add line' }).click();
    await page.getByRole('button', { name: 'Product' }).click();
    await page.getByRole('option', { name: 'Compression platform' }).click();
    await page.getByLabel('Quantity').fill('3');
    await page.keyboard.press('Enter');
    await toast('Line added').waitFor();
    await page.locator('cf-fields-panel', { hasText: '$14,400' }).waitFor();
    await page.getByRole('button', { name: 'Remove line Compression platform' }).click();
    await toast('Compression platform removed').waitFor();
    await toast('removed').getByRole('button', { name: 'Undo' }).last().click();
    await page.locator('cf-line-items', { hasText: '$14,400' }).waitFor();
  });

  it('logs a call, writes a note in Markdown and completes a task', async () => {
    await page.getByRole('link', { name: 'Timeline' }).click();
    await page.getByRole('button', { name: 'Log call' }).click();
    await page.getByLabel('Subject').fill('Price of the platform');
    await page.getByLabel('Minutes').fill('20');
    await page.keyboard.press('Enter');
    await toast('Call logged').waitFor();
    await page.locator('cf-timeline-entry', { hasText: /logged\s+call/ }).waitFor();
    await page.getByLabel('Write a note').fill('They want:\n\n- a **pilot**');
    await page.getByRole('button', { name: 'Add note' }).click();
    await toast('Note added').waitFor();
    await page.locator('cf-timeline-entry strong', { hasText: 'pilot' }).waitFor();
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
    const row = page.locator('.rows [role="row"]').first();
    await row.filter({ hasText: 'aviation' }).waitFor();
  });

  it('keeps the columns and widths a person chose', async () => {
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Country' }).uncheck();
    await page.keyboard.press('Escape');
    const head = () => page.locator('.head [role="columnheader"]', { hasText: 'Industry' });
    const before = (await head().boundingBox())!.width;
    await page.keyboard.press('Shift+ArrowRight');
    await page.goto(`${admin.url}/companies`);
    await page.locator('.rows [role="row"]').first().waitFor();
    await eventually(async () =>
      expect(await page.locator('.head').innerText()).not.toContain('Country'),
    );
    expect((await head().boundingBox())!.width).toBe(before + 16);
    await page.goto(`${admin.url}/companies?sort=name`);
    await page.locator('.rows [role="row"]').first().waitFor();
  });

  it('tags several records at once and says what came of it', async () => {
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Add tag' }).click();
    await page.getByLabel('Tag to add').first().fill('tour');
    await page.keyboard.press('Enter');
    await toast('“tour” added to 2 companies').waitFor();
    await eventually(async () =>
      expect(await admin.api('GET', '/companies?tags=tour')).toHaveLength(2),
    );
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
    await eventually(async () => expect(await won()).toEqual(['Platform – Hooli']));
    await toast('Platform – Hooli won').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone').waitFor();
    await column('Prospecting').getByText('Platform – Hooli').waitFor();
    await eventually(async () => expect(await won()).toEqual([]));
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
    await eventually(async () =>
      expect(await page.getByRole('button', { name: 'Edit Industry' }).count()).toBe(0),
    );
    await page.getByRole('button', { name: 'Restore this value of Industry' }).click();
    await toast('Industry of Hooli changed').waitFor();
    const industry = async () => (await admin.api('GET', `/companies/${company.id}`)).industry;
    await eventually(async () => expect(await industry()).toEqual('software'));
    await page.getByRole('link', { name: 'Deals', exact: true }).first().click();
    await page.waitForURL(/asOf=/);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.waitForURL((url) => !url.searchParams.has('asOf'));
    expect(admin.problems).toEqual([]);
  });

  it('brings a value back from the history of a field', async () => {
    const [company] = await admin.api('GET', '/companies?name=Aviato');
    await admin.api('PATCH', `/companies/${company.id}`, { industry: 'balloons' });
    await page.goto(`${admin.url}/companies/${company.id}`);
    await page.locator('cf-fields-panel', { hasText: 'balloons' }).waitFor();
    await page.getByRole('button', { name: 'History of Industry' }).click();
    await page
      .getByRole('button', { name: /^Restore the value of/ })
      .first()
      .click();
    await toast('Industry of Aviato changed').waitFor();
    const industry = async () => (await admin.api('GET', `/companies/${company.id}`)).industry;
    await eventually(async () => expect(await industry()).toEqual('aviation'));
  });

  it('shows both values where two people change the same field, and merges the rest', async () => {
    const [company] = await admin.api('GET', '/companies?name=Endframe');
    await page.goto(`${admin.url}/companies/${company.id}`);
    await page.getByRole('button', { name: 'Edit Industry' }).click();
    await page.getByRole('textbox', { name: 'Industry' }).fill('data centres');
    await admin.api('PATCH', `/companies/${company.id}`, { industry: 'chips', phone: '+1 555 01' });
    await page.keyboard.press('Enter');
    const dialog = page.locator('cf-conflict-dialog');
    await dialog.getByRole('radio', { name: /Theirs chips/ }).waitFor();
    await eventually(async () =>
      expect(await dialog.innerText()).toContain('Also changed meanwhile, and kept'),
    );
    await dialog.getByRole('button', { name: 'Save these values' }).click();
    await toast('Industry of Endframe changed').waitFor();
    const now = async () => {
      const { industry, phone } = await admin.api('GET', `/companies/${company.id}`);
      return { industry, phone };
    };
    await eventually(async () =>
      expect(await now()).toEqual({ industry: 'data centres', phone: '+1 555 01' }),
    );
  });

  it('looks at the board of last month and compares it with today', async () => {
    const monthAgo = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`${admin.url}/deals/board`);
    await page.getByRole('button', { name: /^Time shown/ }).click();
    await page.getByRole('button', { name: 'A month ago' }).click();
    await page.waitForURL((url) => url.searchParams.get('asOf') === monthAgo);
    await page.getByRole('button', { name: 'What changed since' }).click();
    await page.waitForURL((url) => url.searchParams.get('compare') === monthAgo);
    const moved = page.locator('cf-board-compare section', { hasText: 'New' });
    await moved.getByRole('link', { name: 'Platform – Nucleus' }).waitFor();
    await page.getByRole('button', { name: 'Stop comparing' }).click();
    await page.locator('cf-deal-card').first().waitFor();
  });

  it('imports a file: columns guessed, checked first, then written', async () => {
    await page.goto(`${admin.url}/import?type=contacts`);
    const buffer = Buffer.from(
      'First name,Last name,Email\nDinesh,Chugtai,dinesh@chugtai.example\n' +
        'Bertram,Gilfoyle,bertram@gilfoyle.example\n',
    );
    const file = { name: 'people.csv', mimeType: 'text/csv', buffer };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.getByRole('heading', { name: 'Every row can be imported' }).waitFor();
    await page.getByRole('button', { name: 'Import 2 rows' }).click();
    await page.getByRole('heading', { name: 'Imported', exact: true }).waitFor();
    const found = async () => (await admin.api('GET', '/contacts?search=gilfoyle')).length;
    await eventually(async () => expect(await found()).toEqual(1));
  }, 60_000);

  it('says that the server is out of reach, and goes on when it is back', async () => {
    await page.context().setOffline(true);
    await page.getByText('No connection to the server').waitFor();
    await page.context().setOffline(false);
    await page.getByText('No connection to the server').waitFor({ state: 'detached' });
    const offline = /ERR_INTERNET_DISCONNECTED/;
    expect(admin.problems.filter((problem) => !offline.test(problem))).toEqual([]);
  });

  it('signs out', async () => {
    await page.getByRole('button', { name: /^You:/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to ClientForge' }).waitFor();
    await page.goto(`${admin.url}/deals`);
    await page.waitForURL(/sign-in\?next=/);
  });
});
