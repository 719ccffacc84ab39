import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addresses, openAddresses, Places } from './addresses.js';
import { browserPath, fill, startAdmin, type Admin } from './admin.js';

const withBrowser = browserPath ? describe : describe.skip;

/** A page that tells of everything its policy held back. */
async function watched(admin: Admin, width: number) {
  const page = await admin.page({ viewport: { width, height: 900 } });
  const violations: string[] = [];
  await page.exposeFunction('violated', (text: string) => violations.push(text));
  await page.addInitScript(`
    document.addEventListener('securitypolicyviolation', (event) => violated(
      [location.pathname, event.effectiveDirective, event.blockedURI, event.sample].join(' ')));
  `);
  return { page, violations };
}

/** What the policy has to hold back, and the directive that does. */
const planted: readonly (readonly [string, string])[] = [
  ['require-trusted-types-for', `document.body.insertAdjacentHTML('beforeend', '<b>text</b>')`],
  ['require-trusted-types-for', `document.body.setAttribute('onclick', 'planted = 1')`],
  ['require-trusted-types-for', `setTimeout(() => new Function('planted = 1')())`],
  ['trusted-types', `trustedTypes.createPolicy('mine', { createHTML: (text) => text })`],
  [
    'style-src-elem',
    `document.head.append(Object.assign(document.createElement('style'), { textContent: 'a {}' }))`,
  ],
  ['img-src', `new Image().src = 'http://127.0.0.1:9/pixel.gif'`],
  ['connect-src', `fetch('http://127.0.0.1:9/').catch(() => 0)`],
  [
    'frame-src',
    `document.body.append(Object.assign(document.createElement('iframe'), { src: '/dev' }))`,
  ],
];

withBrowser('S31 the policy of pages, in Chromium', () => {
  let admin: Admin;
  let places: Places;
  beforeAll(async () => {
    admin = await startAdmin();
    await fill(admin);
    places = new Places(admin);
    await places.make();
  }, 120_000);
  afterAll(() => admin?.close());

  it.each([1440, 390])(
    'S31 opens every page without a violation, %d px',
    async (width) => {
      const { page, violations } = await watched(admin, width);
      const all = await addresses();
      expect(all.length).toBeGreaterThan(25);
      const visit = async (path: string) => {
        await page.goto(`${admin.url}/${path}`);
        await page.waitForLoadState('networkidle');
      };
      for (const path of openAddresses) await visit(path);
      await admin.signIn(page);
      for (const address of all) {
        await visit(await places.filled(address));
        expect([address, await page.locator('cf-root > *').count()]).not.toEqual([address, 0]);
      }
      await page.keyboard.press('Control+k');
      await page.waitForSelector('cf-palette');
      await visit('companies');
      await page.keyboard.press('c');
      await page.waitForSelector('cf-create-dialog');
      for (const path of ['dev', 'dev/companies']) await visit(path);
      await page.context().close();
      expect(violations).toEqual([]);
      expect(admin.problems).toEqual([]);
    },
    300_000,
  );

  it.each(planted)('S31 holds back what was planted: %s, %s', async (directive, code) => {
    const { page, violations } = await watched(admin, 1440);
    await page.goto(`${admin.url}/sign-in`);
    await page.waitForSelector('form');
    await page.evaluate(code).catch(() => undefined);
    await page.waitForTimeout(200);
    expect(violations.map((text) => text.split(' ')[1])).toContain(directive);
    expect(await page.evaluate('typeof planted')).toBe('undefined');
    await page.context().close();
  });

  it('S31 runs no script that the parser finds without the nonce of the answer', async () => {
    const { page, violations } = await watched(admin, 1440);
    await page.route(`${admin.url}/sign-in`, async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(
        '</head>',
        '<script>planted = 1</script><script src="/dev/script.js" nonce="guessed"></script></head>',
      );
      await route.fulfill({ response, body });
    });
    await page.goto(`${admin.url}/sign-in`);
    await page.waitForSelector('form');
    expect(violations.map((text) => text.split(' ').slice(1, 3).join(' '))).toEqual([
      'script-src-elem inline',
      `script-src-elem ${admin.url}/dev/script.js`,
    ]);
    expect(await page.evaluate('typeof planted')).toBe('undefined');
    await page.context().close();
  });

  it('S31 shows nothing in the frame of another site', async () => {
    const { page } = await watched(admin, 1440);
    const other = createServer((_request, response) =>
      response
        .setHeader('content-type', 'text/html')
        .end(`<iframe src="${admin.url}/sign-in"></iframe>`),
    );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const refused = page.waitForEvent('console', {
        predicate: (message) => /frame-ancestors 'none'/.test(message.text()),
      });
      await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
      expect((await refused).text()).toContain(admin.url);
      expect(await page.frames()[1]?.locator('cf-root').count()).toBe(0);
    } finally {
      other.close();
      await page.context().close();
    }
  });
});
