import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Callers } from '#apps/api/http/request-context';
import type { PlanType } from '#event-schemas/identity/tenant.events';
import { featureNames, features, hasFeature, type FeatureName } from '#identity/tenant/features';
import { systemContext } from '#platform/platform';
import { testSeals, type TestSeals } from '#test/support/sealing';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const provider = {
  name: 'Hooli',
  kind: 'oidc',
  domains: ['hooli.example'],
  issuerUrl: 'https://login.hooli.example',
  clientId: 'clientforge',
};
const grants = [{ permission: 'deals:read', scope: 'own' }];

/** What an owner does with each feature, and the status where the plan has it. */
const uses: Readonly<
  Record<FeatureName, readonly [number, (owner: TestUser) => ReturnType<TestUser['post']>]>
> = {
  apiKeys: [201, (owner) => owner.post('/api-keys', { name: 'Till', scopes: ['deals:read'] })],
  ownRoles: [201, (owner) => owner.post('/roles', { name: `Role ${Math.random()}`, grants })],
  singleSignOn: [201, (owner) => owner.post('/identityProviders', provider)],
  auditExport: [200, (owner) => owner.get('/audit/export')],
  provisioning: [201, (owner) => owner.post('/scimConnections', { name: 'Entra' })],
};

describe('features of a plan', () => {
  let server: TestServer;
  let seals: TestSeals;
  beforeAll(async () => {
    seals = testSeals();
    server = await startTestServer({}, {}, { seals: () => Promise.resolve(seals) });
  });
  afterAll(async () => {
    await server.close();
    seals.remove();
  });

  async function plan({ tenantId }: TestWorkspace, planType: PlanType) {
    const ctx = systemContext(tenantId, 'spec');
    await server.platform.dispatch('ChangeTenantPlan', { planType }, ctx, { id: tenantId });
    server.app.get(Callers).forget(tenantId);
  }
  const absent = (planType: PlanType, name: FeatureName) => ({
    status: 403,
    body: {
      error: {
        code: 'FEATURE_NOT_IN_PLAN',
        message: expect.stringContaining(`The plan ${planType} has no `),
        details: [
          {
            field: 'planType',
            rule: 'plan',
            remedy: expect.stringContaining(`the plan ${features[name].from} or a larger one`),
            value: name,
          },
        ],
      },
    },
  });

  it.each(featureNames)(
    'B1 %s can be used where the plan has it, and nowhere else',
    async (name) => {
      const [status, use] = uses[name];
      const workspace = await server.workspace();
      const owner = await workspace.person('owner');
      expect((await use(owner)).status).toBe(status);
      const without = name === 'provisioning' ? 'business' : 'starter';
      await plan(workspace, without);
      expect(await use(owner)).toMatchObject(absent(without, name));
      const { body } = await owner.get('/tenant/usage');
      for (const one of body.data.features) {
        expect(one.included).toBe(hasFeature(without, one.name));
      }
      // Whose role does not allow it is told that, and not about the plan.
      const viewer = await workspace.person('viewer');
      if (name !== 'apiKeys') {
        expect((await use(viewer)).body.error.code).toBe('FORBIDDEN');
      }
      await plan(workspace, features[name].from);
      expect((await use(owner)).status).not.toBe(403);
    },
  );

  it('B1 what was set up can be read and taken away on a smaller plan', async () => {
    const workspace = await server.workspace();
    const owner = await workspace.person('owner');
    const role = await uses.ownRoles[1](owner);
    const key = await uses.apiKeys[1](owner);
    const byKey = () => server.request('/api/v1/deals', { token: key.body.data.key });
    expect((await byKey()).status).toBe(200);
    await plan(workspace, 'starter');
    expect(await byKey()).toMatchObject(absent('starter', 'apiKeys'));
    expect((await owner.get('/roles')).status).toBe(200);
    const { id } = role.body.data;
    const limit = { role: 'member', collection: 'contacts', hidden: ['phone'], readOnly: [] };
    expect(await owner.put('/tenant/field-limit', limit)).toMatchObject(
      absent('starter', 'ownRoles'),
    );
    expect((await owner.delete(`/roles/${id}`)).status).toBeLessThan(300);
    expect((await owner.delete(`/api-keys/${key.body.data.apiKey.id}`)).status).toBeLessThan(300);
  });

  it('B1 what the plan withholds is explained, as of any instant', async () => {
    const workspace = await server.workspace();
    const owner = await workspace.person('owner');
    const explain = async (at: string) =>
      (await owner.get(`/access/explain?action=roles:create&at=${at}`)).body.data;
    await server.settled();
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await plan(workspace, 'starter');
    expect(await explain(before)).toMatchObject({ allowed: true, reason: 'every_record' });
    expect(await explain(new Date().toISOString())).toMatchObject({
      ...{ allowed: false, reason: 'not_in_plan', scope: 'all' },
      message: 'Refused: the plan of the workspace does not have it.',
    });
  });

  it('B1 GraphQL refuses with the same words, and tells what is withheld', async () => {
    const workspace = await server.workspace();
    const owner = await workspace.person('owner');
    await plan(workspace, 'starter');
    const ask = async (query: string, variables = {}) =>
      (await server.request('/graphql', {
        method: 'POST',
        token: owner.token,
        body: { query, variables },
      })) as { body: any };
    const { body } = await ask('{ me { withheld { permission message remedy } } }');
    expect(body.data.me.withheld).toContainEqual({
      permission: 'roles:create',
      message: 'The plan starter has no roles and field limits of your own.',
      remedy: 'Ask whoever operates the platform for the plan professional or a larger one.',
    });
    const made = await ask(
      `mutation ($input: CreateRoleInput!) { createRole(input: $input) {
        ... on Refused { code category message details { field remedy } } } }`,
      { input: { name: 'Readers', grants } },
    );
    expect(made.body.data.createRole).toMatchObject({
      code: 'FEATURE_NOT_IN_PLAN',
      category: 'forbidden',
      details: [{ field: 'planType' }],
    });
  });
});
