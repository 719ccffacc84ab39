import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer, type TestWorkspace } from '#test/support/server';

const METADATA = '/identityProviders/read-metadata';

describe('setting an identity provider up', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
  });
  afterAll(() => server.close());

  it('S23 asks no private address for metadata, and tells nothing of what stands there', async () => {
    const admin = await workspace.person('admin');
    const answers = await Promise.all(
      [`${server.url}/health/live`, 'https://127.0.0.1/', 'http://idp.example/'].map((url) =>
        admin.post(METADATA, { url }),
      ),
    );
    for (const { status, body } of answers) {
      expect(status).toBe(422);
      expect(body.error).toEqual(answers[0]!.body.error);
      expect(body.error).toMatchObject({
        code: 'METADATA_UNREADABLE',
        details: [{ field: 'url', rule: 'metadata', remedy: expect.any(String) }],
      });
    }
  });

  it('says what is wrong with metadata, to administrators only', async () => {
    const admin = await workspace.person('admin');
    const wrong = await admin.post(METADATA, { xml: '<html/>' });
    expect([wrong.status, wrong.body.error.details[0].field]).toEqual([422, 'xml']);
    const member = await workspace.person('member');
    expect((await member.post(METADATA, { xml: '<html/>' })).status).toBe(403);
  });

  it('asks for a fresh proof before anything changes how people sign in', async () => {
    const admin = await workspace.person('admin');
    const values = { name: 'Hooli', kind: 'oidc', domains: ['hooli.example'] };
    const { id } = (await admin.post('/identityProviders', values)).body.data;
    await server.test.admin((client) =>
      client.query(
        `UPDATE auth_session SET signed_in_at = signed_in_at - interval '1 hour' WHERE user_id = $1`,
        [admin.id],
      ),
    );
    const refused = await Promise.all([
      admin.post('/identityProviders', values),
      admin.patch(`/identityProviders/${id}`, { isActive: false }),
      admin.put(`/identityProviders/${id}/client-secret`, { clientSecret: 'x' }),
      admin.delete(`/identityProviders/${id}`),
      admin.post(`/auth/sso/providers/${id}/link`, {}),
    ]);
    for (const { status, body } of refused) {
      expect([status, body.error.code]).toEqual([403, 'STEP_UP_REQUIRED']);
    }
    expect((await admin.get(`/identityProviders/${id}/setup`)).status).toBe(200);
  });
});
