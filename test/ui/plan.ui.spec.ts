import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import { isRefusal } from '#kernel/refusal';
import { setPasswordHash } from '#platform/auth/credentials';
import { hashPassword } from '#platform/auth/password';
import { systemContext } from '#platform/platform';
import { browserPath, eventually, startAdmin, type Admin } from './admin.js';
import { looksRightInAllModes } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;
const narrow = { viewport: { width: 390, height: 844 }, bypassCSP: true };
const wide = { viewport: { width: 1440, height: 900 }, bypassCSP: true };

withBrowser('plan and usage', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
    await admin.api('POST', '/roles', {
      name: 'Readers',
      grants: [{ permission: 'deals:read', scope: 'own' }],
    });
    await plan({ planType: 'starter' });
  }, 120_000);
  afterAll(() => admin?.close());

  /** What the operator of the platform does; answers the refusal, if there is one. */
  async function plan(input: object) {
    const { platform, tenantId } = admin;
    const ctx = systemContext(tenantId, 'spec');
    const done = await platform.dispatch('ChangeTenantPlan', input, ctx, { id: tenantId });
    return isRefusal(done) ? done : undefined;
  }
  const add = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const email = `guest${Math.random()}@piedpiper.example`;
      await admin.api('POST', '/invitations', { email, role: 'member' });
    }
  };
  const store = (bytes: number) =>
    admin.platform.database.tenant(admin.tenantId, (db) =>
      db.query('UPDATE usage_storage SET bytes = $2 WHERE tenant_id = $1', [admin.tenantId, bytes]),
    );
  const open = async (options: BrowserContextOptions, path: string, heading: string) => {
    const page = await admin.page(options);
    await admin.signIn(page, path);
    await page.getByRole('heading', { name: heading, exact: true }).waitFor();
    return page;
  };

  it('B1 shows an owner the plan, what is used of it and what other plans have', async () => {
    const page = await open(narrow, '/settings', 'Settings');
    await page.getByRole('link', { name: 'Plan and usage' }).click();
    await page.getByRole('heading', { name: 'Plan and usage' }).waitFor();
    await page.getByText('1 of 5 taken').waitFor();
    await page.getByText(/ of 10 GB used/).waitFor();
    await looksRightInAllModes(page, 'plan');
    const features = page.getByRole('region', { name: 'Features' });
    await features.getByText('From plan enterprise').waitFor();
    await eventually(async () => expect(await features.getByText('Included').count()).toBe(0));
    await eventually(async () => expect(await page.getByText('Does not fit').count()).toBe(0));
    await page.context().close();
  });

  it('B1 warns near the limits, says what to do at them, and which plans do not fit', async () => {
    await add(3);
    await store(8_500_000_000);
    const page = await open(wide, '/plan', 'Plan and usage');
    await page.getByText('Nearly all seats are taken: 1 left.').waitFor();
    await page.getByText('Storage is nearly used up: 1.5 GB left.').waitFor();
    await looksRightInAllModes(page, 'plan-near');
    await add(1);
    await store(10_000_000_000);
    await page.reload();
    await page.getByText('Nobody more can be invited.').waitFor();
    await page.getByText('Nothing can be uploaded or imported.').waitFor();
    await looksRightInAllModes(page, 'plan-full');
    await plan({ planType: 'professional' });
    await add(1);
    const words = 'Deactivate people or revoke invitations until at most 5 remain.';
    expect((await plan({ planType: 'starter' }))!.details[0]!.remedy).toBe(words);
    await page.reload();
    const starter = page.getByRole('listitem').filter({ hasText: 'starter' });
    await starter.getByText('Does not fit').waitFor();
    await starter.getByText(words).waitFor();
    await looksRightInAllModes(page, 'plan-does-not-fit');
    await page.context().close();
  }, 120_000);

  it('B1 shows what the plan withholds as locked, in the words of the refusal', async () => {
    await plan({ planType: 'starter', maxUsers: 50 });
    const page = await open(wide, '/roles', 'Roles');
    const locked = async (path: string, words: string, button: string) => {
      await page.goto(`${admin.url}${path}`);
      await page.getByRole('note').filter({ hasText: words }).waitFor();
      await eventually(async () =>
        expect(await page.getByRole('button', { name: button }).count()).toBe(0),
      );
    };
    const larger = (plan: string) =>
      `Ask whoever operates the platform for the plan ${plan} or a larger one.`;
    await locked(
      '/single-sign-on',
      `The plan starter has no single sign-on. ${larger('business')}`,
      'Add an identity provider',
    );
    await looksRightInAllModes(page, 'withheld-single-sign-on');
    await locked('/roles', `field limits of your own. ${larger('professional')}`, 'Create role');
    await looksRightInAllModes(page, 'withheld-roles');
    await locked('/api-keys', 'The plan starter has no API keys.', 'Make an API key');
    await locked('/audit', 'no export of the audit log.', 'Download the log');
    await locked('/provisioning', 'no provisioning by SCIM.', 'Connect a directory');
    await page.getByRole('link', { name: 'See plan and usage' }).click();
    await page.getByText('From plan enterprise').waitFor();
    await plan({ planType: 'professional', maxUsers: 50 });
    await page.goto(`${admin.url}/roles`);
    await page.getByRole('button', { name: 'Create role' }).waitFor();
    await eventually(async () => expect(await page.getByRole('note').count()).toBe(0));
    await page.context().close();
  }, 120_000);

  it('B1 tells a member that the plan is for administrators', async () => {
    const password = 'paper boats on quiet water';
    const email = 'dinesh@piedpiper.example';
    const made = await admin.api('POST', '/users', {
      firstName: 'Dinesh',
      lastName: 'Chugtai',
      email,
      role: 'member',
      status: 'active',
    });
    await admin.platform.database.tenant(admin.tenantId, async (db) =>
      setPasswordHash(db, admin.tenantId, made.id, await hashPassword(password), new Date()),
    );
    const page = await admin.page(narrow);
    await page.goto(`${admin.url}/plan`);
    await page.getByLabel('Workspace').fill('pied-piper');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The plan is for administrators').waitFor();
    await looksRightInAllModes(page, 'plan-member');
    await page.goto(`${admin.url}/settings`);
    await page.getByLabel('Theme').waitFor();
    await eventually(async () =>
      expect(await page.getByRole('link', { name: 'Plan and usage' }).count()).toBe(0),
    );
    expect(admin.problems).toEqual([]);
    await page.context().close();
  });
});
