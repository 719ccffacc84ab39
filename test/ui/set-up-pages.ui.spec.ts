import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addresses, openAddresses, Places } from './addresses.js';
import { browserPath, fill, startAdmin, type Admin } from './admin.js';
import { looksRightInAllModes, problemsInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;

/** The specs of records look at these, with what can be done there. */
const elsewhere =
  /^(|nowhere|audit|pipelines|deals\/board|(contacts|companies|deals|tasks|products|teams|users)(\/:id)?)$/;

withBrowser('every page beside the records, light and dark, wide and narrow', () => {
  let admin: Admin;
  let places: Places;
  beforeAll(async () => {
    admin = await startAdmin();
    await fill(admin);
    places = new Places(admin);
    await places.make();
    await admin.api('POST', '/invitations', { email: 'jared@piedpiper.example', role: 'member' });
    await admin.api('POST', '/roles', { name: 'Data care', grants: [] });
  }, 120_000);
  afterAll(() => admin?.close());

  const options = { viewport: { width: 1440, height: 900 }, bypassCSP: true };

  it.each(openAddresses)('%s is accessible and fits', async (address) => {
    const page = await admin.page(options);
    await page.goto(`${admin.url}/${address}`);
    await page.waitForLoadState('networkidle');
    await looksRightInAllModes(page, address);
    await page.context().close();
  });

  it('is accessible and fits', async () => {
    const page = await admin.page(options);
    await admin.signIn(page);
    const all = (await addresses()).filter(
      (one) => !elsewhere.test(one) && !openAddresses.some((open) => open === one),
    );
    expect(all).toContain('security');
    const found: string[] = [];
    for (const address of all) {
      await page.goto(`${admin.url}/${await places.filled(address)}`);
      await page.waitForLoadState('networkidle');
      await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
      found.push(...(await problemsInAllModes(page, address.replaceAll(/\W+/g, '-'))));
    }
    await page.context().close();
    expect(found).toEqual([]);
    expect(admin.problems).toEqual([]);
  }, 400_000);
});
