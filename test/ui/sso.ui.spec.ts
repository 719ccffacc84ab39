import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { freePort } from '#test/support/free-port';
import { SimpleSamlPhp, withoutSimpleSamlPhp } from '#test/support/simplesamlphp';
import { browserPath, eventually, owner, startAdmin, type Admin } from './admin.js';
import { looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;
const PASSWORD = 'signature edition';

withBrowser('single sign-on in a browser', () => {
  let admin: Admin;
  let issuer: Server;
  let issuerUrl: string;
  beforeAll(async () => {
    admin = await startAdmin({ ssoPrivateProviders: true });
    issuerUrl = `http://127.0.0.1:${await freePort()}`;
    issuer = createServer();
  }, 120_000);
  afterAll(async () => {
    issuer?.closeAllConnections();
    issuer?.close();
    await admin?.close();
  });

  const typeAddress = async (page: Page, email: string, next = '/') => {
    await page.goto(`${admin.url}${next}`);
    await page.getByLabel('Workspace').fill(owner.workspace);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByRole('button', { name: 'Continue' }).click();
  };
  const atSimpleSamlPhp = async (page: Page, user: string) => {
    await page.locator('#username').fill(user);
    await page.locator('#password').fill(PASSWORD);
    await page.locator('#submit_button').click();
  };

  (withoutSimpleSamlPhp ? it.skip : it)(
    `S4 a provider is set up, tested, mended, forced and used ${withoutSimpleSamlPhp}`.trim(),
    async () => {
      const mail = ['gavin@hooli.example'];
      const attributes = { uid: ['gavin'], mail, givenName: ['Gavin'], sn: ['B'], groups: ['crm'] };
      const there = await SimpleSamlPhp.start([{ user: 'gavin', password: PASSWORD, attributes }]);
      try {
        const page = await admin.page({ bypassCSP: true });
        await admin.signIn(page, '/single-sign-on');
        await page.getByRole('heading', { name: 'Everybody signs in with a password' }).waitFor();
        await page.getByRole('button', { name: 'Add an identity provider' }).click();
        await page.getByLabel('Product', { exact: true }).selectOption({ label: 'SAML 2.0' });
        await page.getByLabel('Name people see at sign-in').fill('Hooli');
        const domains = page.getByLabel('E-mail domains it speaks for');
        await domains.fill('hooli.example, piedpiper.example');
        await looksRightInAllModes(page, 'sso-add');
        await page.getByRole('button', { name: 'Add and go on' }).click();
        await page.getByRole('heading', { name: 'Hooli', exact: true }).waitFor();

        const addresses = await page.locator('dd code').allInnerTexts();
        expect(addresses[2]).toMatch(/\/acs$/);
        there.trust(addresses[1]!, addresses[2]!);
        await page.getByLabel('Its metadata').fill('https://hooli.example/no-metadata');
        await page.getByRole('button', { name: 'Read the metadata' }).click();
        await page.getByRole('alert').filter({ hasText: 'could not be read' }).waitFor();
        await page.getByLabel('Its metadata').fill(there.metadataUrl);
        await page.getByRole('button', { name: 'Read the metadata' }).click();
        await page.getByRole('list', { name: 'Certificates' }).waitFor();

        // A test that finds something wrong says what was expected, and ends on the same page.
        const entityId = page.getByLabel('Entity id (issuer)');
        await eventually(async () => expect(await entityId.inputValue()).toBe(there.entityId));
        await entityId.fill('urn:example:another');
        await page.getByRole('button', { name: 'Save the connection' }).click();
        await page.locator('cf-toasts', { hasText: 'Saved.' }).last().waitFor();
        await page.getByRole('button', { name: 'Test the sign-in' }).click();
        await atSimpleSamlPhp(page, 'gavin');
        const alert = page.getByRole('alert').filter({ hasText: 'another issuer' });
        await alert.waitFor();
        await eventually(async () =>
          expect(await alert.innerText()).toContain(`Found: ${there.entityId}`),
        );
        await looksRightInAllModes(page, 'sso-diagnosis');
        await entityId.fill(there.entityId);
        await page.getByRole('button', { name: 'Save the connection' }).click();
        await page.locator('cf-toasts', { hasText: 'Saved.' }).waitFor();
        await page.getByRole('button', { name: 'Test the sign-in' }).click();
        await page.getByText('The sign-in works.').waitFor();
        await page.getByText('Groups: crm').waitFor();

        await page.getByLabel('Add people who are unknown here').check();
        await page.getByRole('button', { name: 'Add a group' }).click();
        await page.getByLabel('Group 1', { exact: true }).fill('crm');
        await page.getByLabel('Role of group 1').selectOption('manager');
        await page.getByRole('button', { name: 'Save whom it lets in' }).click();
        await page.locator('cf-toasts', { hasText: 'Saved.' }).waitFor();
        await page.getByRole('button', { name: 'Turn it on' }).click();
        await page.getByRole('button', { name: 'Turn it off' }).waitFor();
        await page.getByLabel('sign in only through it').check();
        await page.getByRole('button', { name: 'Save who has to use it' }).click();
        await page.getByRole('alert').filter({ hasText: 'active owner' }).waitFor();
        await page.getByRole('checkbox', { name: /Richard Hendricks/ }).check();
        await page.getByRole('button', { name: 'Save who has to use it' }).click();
        await page.getByRole('alert').waitFor({ state: 'detached' });
        await looksRightInAllModes(page, 'sso-provider');
        await page.getByRole('link', { name: 'Single sign-on' }).first().click();
        await page.getByText('Forced', { exact: true }).waitFor();
        await looksRightInAllModes(page, 'sso-list');
        await page.context().close();

        const theirs = await admin.page();
        await typeAddress(theirs, 'gavin@hooli.example', '/deals');
        await atSimpleSamlPhp(theirs, 'gavin');
        await theirs.waitForURL(`${admin.url}/deals`);
        await theirs.getByRole('heading', { name: /Deals/ }).waitFor();
        await theirs.reload();
        await theirs.getByRole('heading', { name: /Deals/ }).waitFor();
        await theirs.context().close();

        // Whoever comes back from the provider is not sent there once more, and the owner named
        // for it still has the password.
        const boss = await admin.page({ bypassCSP: true });
        await typeAddress(boss, owner.email);
        await boss.locator('#username').waitFor();
        await typeAddress(boss, owner.email);
        await boss.getByRole('link', { name: 'Continue with Hooli' }).waitFor();
        await looksRightInAllModes(boss, 'sso-sign-in');
        await boss.getByRole('button', { name: 'Use a password instead' }).click();
        await boss.getByLabel('Password', { exact: true }).fill(owner.password);
        await boss.getByRole('button', { name: 'Sign in' }).click();
        await boss.waitForURL(`${admin.url}/`);
        await boss.context().close();

        const refused = await admin.page({ bypassCSP: true });
        await refused.goto(`${admin.url}/sign-in?sso=refused`);
        await refused.getByRole('alert').filter({ hasText: 'was not accepted' }).waitFor();
        await looksRightInAllModes(refused, 'sso-refused');
        await refused.context().close();
        expect(admin.problems).toEqual([]);
      } finally {
        await there.close();
      }
    },
    240_000,
  );

  it('signs in through oidc-provider from the sign-in page', async () => {
    const { id } = await admin.api('POST', '/identityProviders', {
      name: 'Aviato',
      kind: 'oidc',
      domains: ['aviato.example'],
      issuerUrl,
      clientId: 'clientforge',
      isActive: true,
      isProvisioning: true,
    });
    const clientSecret = 'a secret of forty characters, more or less';
    await admin.api('PUT', `/identityProviders/${id}/client-secret`, { clientSecret });
    const { redirectUri } = await admin.api('GET', `/identityProviders/${id}/setup`);
    const { default: Provider } = await import('oidc-provider');
    const email = 'erlich@aviato.example';
    const claims = { sub: 'erlich', email, given_name: 'Erlich', family_name: 'Bachman' };
    const there = new Provider(issuerUrl, {
      clients: [
        {
          client_id: 'clientforge',
          client_secret: clientSecret,
          redirect_uris: [redirectUri],
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      claims: { openid: ['sub'], email: ['email'], profile: ['given_name', 'family_name'] },
      cookies: { keys: ['of no account'] },
      pkce: { required: () => true },
      findAccount: () => ({ accountId: 'erlich', claims: () => claims }),
    });
    issuer.on('request', there.callback());
    await new Promise<void>((resolve) => {
      issuer.listen(Number(new URL(issuerUrl).port), '127.0.0.1', resolve);
    });

    const page = await admin.page();
    await typeAddress(page, email, '/contacts');
    await page.getByLabel('Password', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Continue with Aviato' }).click();
    await page.locator('input[name="login"]').fill('erlich');
    await page.locator('input[name="password"]').fill('of no account');
    await page.locator('button[type="submit"]').click();
    await page.locator('button[type="submit"]', { hasText: 'Continue' }).click();
    await page.waitForURL(`${admin.url}/contacts`);
    await page.getByRole('heading', { name: /Contacts/ }).waitFor();
    await page.context().close();
  }, 120_000);
});
