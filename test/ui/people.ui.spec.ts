import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueToken, type TokenPurpose } from '#platform/auth/one-time-tokens';
import { uuidv7 } from '#kernel/ids';
import { browserPath, owner, startAdmin, type Admin } from './admin.js';
import { looksRight } from './looks.js';

const withBrowser = browserPath ? describe : describe.skip;
const password = 'seven quiet lamps at noon';

withBrowser('people come, forget and change', () => {
  let admin: Admin;
  let invited: { id: string; email: string };
  beforeAll(async () => {
    admin = await startAdmin();
    const email = 'jared@piedpiper.example';
    invited = await admin.api('POST', '/invitations', { email, role: 'member' });
    await admin.platform.mail.send({
      tenantId: admin.tenantId,
      id: uuidv7(),
      template: 'welcome',
      subjectId: invited.id,
      to: email,
      subject: 'Welcome to Pied Piper',
      paragraphs: ['Hello Jared.'],
      reason: 'Because.',
    });
  }, 120_000);
  afterAll(() => admin.close());

  /** A link as a mail would hold it. */
  const link = async (page: string, purpose: TokenPurpose, subjectId: string) => {
    const { platform, tenantId, url } = admin;
    const expiresAt = new Date(Date.now() + 3_600_000);
    const sentTo = subjectId === invited.id ? invited.email : owner.email;
    const detail = await platform.keys.sealForTenant(tenantId, sentTo, `link:${subjectId}`);
    const token = await platform.database.tenant(tenantId, (db) =>
      issueToken(db, { tenantId, purpose, subjectId, expiresAt, detail }, new Date()),
    );
    return `${url}/${page}#${token}`;
  };
  const narrow = { viewport: { width: 390, height: 844 }, bypassCSP: true };
  const dark = { ...narrow, viewport: { width: 1280, height: 900 }, colorScheme: 'dark' } as const;

  it('asks for a link to a new password from the sign-in page', async () => {
    const page = await admin.page(narrow);
    await page.goto(`${admin.url}/sign-in`);
    await page.getByRole('link', { name: 'I forgot my password' }).click();
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await page.getByLabel('E-mail address').fill('nobody@piedpiper.example');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('a link is on its way').waitFor();
    await looksRight(page, 'forgot-password-light-390');
    await page.context().close();
  }, 120_000);

  it('lets somebody in who was invited', async () => {
    const page = await admin.page(narrow);
    await page.goto(await link('invitation', 'invitation', invited.id));
    await page.getByText('You sign in with jared@piedpiper.example').waitFor();
    await looksRight(page, 'invitation-light-390');
    await page.getByLabel('First name').fill('Jared');
    await page.getByLabel('Last name').fill('Dunn');
    await page.getByLabel('New password').fill('short');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.waitForURL(`${admin.url}/`);
    await page.goto(`${admin.url}/invitation#cfo_used`);
    await page.getByRole('alert').waitFor();
    await page.context().close();
  }, 120_000);

  it('changes a profile', async () => {
    const page = await admin.page(dark);
    await admin.signIn(page, '/profile');
    await page.getByLabel('Job title').fill('Chief executive');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Your profile is saved.').waitFor();
    await looksRight(page, 'profile-dark-1280');
    await page.setViewportSize(narrow.viewport);
    await looksRight(page, 'profile-dark-390');
    await page.getByRole('link', { name: 'Password, second factors' }).click();
    await page.getByLabel('Present password').fill('not the password');
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The present password is another one.').waitFor();
    await page.context().close();
  }, 120_000);

  it('invites, sends again and revokes; mail stands in the outbox', async () => {
    const page = await admin.page(narrow);
    await admin.signIn(page, '/invitations');
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByLabel('E-mail address').fill('monica@piedpiper.example');
    await looksRight(page, 'invite-light-390');
    await page.getByRole('button', { name: 'Send the invitation' }).click();
    await page.getByRole('button', { name: 'Revoke the invitation of monica' }).click();
    await page.getByText('revoked').waitFor();
    await looksRight(page, 'invitations-light-390');
    await page.getByRole('link', { name: 'Mail that was sent' }).click();
    await page.getByRole('button', { name: 'Welcome to Pied Piper' }).click();
    await page.getByText('Hello Jared.').waitFor();
    await looksRight(page, 'outbox-light-390');
    await page.context().close();
  }, 120_000);

  it('chooses a new password by a link, and signs in with it', async () => {
    const me = (await admin.api('GET', '/auth/me')).user as { id: string };
    const page = await admin.page(narrow);
    await page.goto(await link('reset-password', 'password-reset', me.id));
    await looksRight(page, 'reset-password-light-390');
    await page.getByRole('textbox', { name: 'New password' }).fill(password);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('Workspace').fill(owner.workspace);
    await page.getByLabel('E-mail address').fill(owner.email);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${admin.url}/`);
    expect(admin.problems).toEqual([]);
    await page.context().close();
  }, 120_000);
});
