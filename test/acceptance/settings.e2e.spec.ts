import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORM_TENANT } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { changeSettingAt } from '#platform/settings/change-setting';
import { systemContext } from '#platform/platform';
import { startTestServer, type TestServer, type TestUser } from '#test/support/server';

const theme = 'appearance.theme';

describe('settings from the platform to the session', () => {
  let server: TestServer;
  let [owner, member]: TestUser[] = [];
  beforeAll(async () => {
    server = await startTestServer();
    const workspace = await server.workspace();
    owner = await workspace.person('owner');
    member = await workspace.person('member');
  });
  afterAll(() => server.close());

  async function onPlatform(input: object): Promise<void> {
    const ctx = systemContext(PLATFORM_TENANT, 'spec');
    const done = await server.platform.dispatch(changeSettingAt.platform.name, input, ctx, {
      id: PLATFORM_TENANT,
    });
    if (isRefusal(done)) throw new Error(JSON.stringify(done));
  }
  const resolved = async (who: TestUser, query = '') =>
    (await who.get(`/settings/resolve?key=${theme}${query}`)).body.data[0];
  const told = ({ status, body }: { status: number; body: any }) => [status, body.error.code];

  it('A9 are inherited level by level, and say where they come from and were locked', async () => {
    expect(await resolved(member!)).toMatchObject({
      value: 'system',
      source: 'default',
      lock: null,
      allowed: { enum: ['system', 'light', 'dark'] },
      levels: ['platform', 'tenant', 'user', 'session'],
      changeable: ['user', 'session'],
    });
    await onPlatform({ key: theme, value: 'light' });
    expect(await resolved(member!)).toMatchObject({ value: 'light', source: 'platform' });
    const set = await owner!.put(`/settings/tenant/${theme}`, { value: 'dark' });
    expect([set.status, set.body.data]).toMatchObject([200, { value: 'dark', source: 'tenant' }]);
    expect(set.headers.get('x-position')).toBeTruthy();
    expect((await member!.put(`/settings/user/${theme}`, { value: 'light' })).status).toBe(200);
    expect((await member!.put(`/settings/session/${theme}`, { value: 'system' })).status).toBe(200);
    expect(await resolved(member!)).toMatchObject({
      value: 'system',
      source: 'session',
      set: { platform: 'light', tenant: 'dark', user: 'light', session: 'system' },
    });
    expect(await resolved(owner!)).toMatchObject({ value: 'dark', source: 'tenant' });
    expect((await member!.delete(`/settings/session/${theme}`)).body.data).toMatchObject({
      value: 'light',
      source: 'user',
    });
  });

  it('A9 a hard lock of the workspace holds what people chose down, and lets it up again', async () => {
    const before = new Date();
    const lock = await owner!.put(`/settings/tenant/${theme}`, {
      lock: 'hard',
      lockMessage: 'House style',
    });
    expect(lock.status).toBe(200);
    expect(await resolved(member!)).toMatchObject({
      value: 'dark',
      source: 'tenant',
      lock: { lock: 'hard', level: 'tenant', message: 'House style' },
      changeable: [],
    });
    const refused = await member!.put(`/settings/user/${theme}`, { value: 'light' });
    expect(told(refused)).toEqual([422, 'SETTING_LOCKED']);
    expect(refused.body.error.details[0].message).toContain('House style');
    expect((await resolved(owner!)).changeable).toEqual(['tenant']);
    expect(await resolved(member!, `&asOf=${before.toISOString()}`)).toMatchObject({
      value: 'light',
      source: 'user',
      lock: null,
    });
    await owner!.put(`/settings/tenant/${theme}`, { lock: 'none' });
    expect(await resolved(member!)).toMatchObject({ value: 'light', source: 'user', lock: null });
  });

  it('A9 a soft lock only recommends, and the answer says so', async () => {
    await owner!.put(`/settings/tenant/${theme}`, { lock: 'soft' });
    const chosen = await member!.put(`/settings/user/${theme}`, { value: 'system' });
    expect([chosen.status, chosen.body.meta.warnings]).toMatchObject([
      200,
      [{ code: 'SETTING_RECOMMENDED' }],
    ]);
    expect(chosen.body.data).toMatchObject({ value: 'system', deviates: true });
  });

  it('A9 a hard lock of the platform binds workspaces', async () => {
    await onPlatform({ key: theme, lock: 'hard' });
    expect(await resolved(owner!)).toMatchObject({ value: 'light', source: 'platform' });
    const refused = await owner!.put(`/settings/tenant/${theme}`, { value: 'system' });
    expect(told(refused)).toEqual([422, 'SETTING_LOCKED']);
    // Which of the operator's people did it is kept from workspaces.
    const history = await owner!.get('/settings/history?level=platform');
    expect(history.body.data.map(({ actor }: { actor: unknown }) => actor)).toEqual(
      [1, 2].map(() => ({ type: 'system', id: 'operator' })),
    );
    await onPlatform({ key: theme, lock: 'none' });
  });

  it('keep who changed what and when, for those who may know', async () => {
    const { body } = await owner!.get(`/settings/history?level=tenant&key=${theme}`);
    expect(body.data.map(({ action }: { action: string }) => action)).toEqual([
      'locked',
      'unlocked',
      'locked',
      'changed',
    ]);
    expect(body.data.at(-1)).toMatchObject({ value: 'dark', actor: { id: owner!.id } });
    const mine = await member!.get('/settings/history?level=user');
    expect(mine.body.data.map(({ value }: { value: unknown }) => value)).toEqual([
      'system',
      'light',
    ]);
    expect(told(await owner!.get('/settings/history?level=galaxy'))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
    await server.settled();
    const path = `/timeline/setting_holder/${owner!.tenantId}?action=setting_locked`;
    const timeline = await owner!.get(path);
    expect(timeline.body.data[0]).toMatchObject({ action: 'setting_locked' });
  });

  it('are the workspace’s for its administrators only, and nobody’s of another workspace', async () => {
    const refused = await member!.put(`/settings/tenant/${theme}`, { value: 'dark' });
    expect(told(refused)).toEqual([403, 'FORBIDDEN']);
    const stranger = await (await server.workspace()).person('owner');
    expect(await resolved(stranger)).toMatchObject({
      source: 'platform',
      set: { platform: 'light' },
    });
    expect((await stranger.get(`/settingHolders/${owner!.tenantId}`)).status).toBe(404);
    expect((await member!.get(`/settingHolders/${owner!.id}`)).status).toBe(404);
  });

  it('name the field and the rule of what is wrong', async () => {
    const put = (key: string, body: object) => owner!.put(`/settings/tenant/${key}`, body);
    expect(told(await put('appearance.glitter', { value: 'much' }))).toEqual([
      404,
      'UNKNOWN_SETTING',
    ]);
    const wrong = await put(theme, { value: 'sepia' });
    expect([...told(wrong), wrong.body.error.details[0].field]).toEqual([
      400,
      'VALIDATION_ERROR',
      'value',
    ]);
    expect(told(await owner!.put(`/settings/user/${theme}`, { lock: 'hard' }))).toEqual([
      422,
      'LOCK_NOT_ALLOWED',
    ]);
    expect(told(await owner!.get('/settings/resolve?key=nothing'))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
  });

  it('take effect: the shortest password of the workspace', async () => {
    const workspace = await server.workspace();
    const administrator = await workspace.person('admin');
    const old = 'paper boats on quiet water';
    const { email } = await workspace.withPassword('member', old);
    const path = '/settings/tenant/security.passwordMinLength';
    expect((await administrator.put(path, { value: 24 })).status).toBe(200);
    const signIn = await server.request('/api/v1/auth/login', {
      method: 'POST',
      body: { workspace: workspace.slug, email, password: old },
    });
    const change = () =>
      server.request('/api/v1/auth/password', {
        method: 'PUT',
        token: signIn.body.data.accessToken,
        body: { currentPassword: old, password: 'seventeen green gulls' },
      });
    const refused = await change();
    expect(told(refused)).toEqual([422, 'WEAK_PASSWORD']);
    expect(refused.body.error.message).toContain('at least 24 characters');
    expect((await administrator.delete(path)).body.data).toMatchObject({ value: 15 });
    expect((await change()).status).toBe(200);
  });

  it('answer GraphQL alike', async () => {
    const ask = async (query: string) => {
      const body = { query };
      const options = { method: 'POST', token: member!.token, body };
      return (await server.request('/graphql', options)).body;
    };
    const key = `"${theme}"`;
    const read = await ask(`{ settings(keys: [${key}]) { key value source set lock { lock } } }`);
    expect(read.data.settings).toMatchObject([{ key: theme, source: 'user', value: 'system' }]);
    const write = (level: string, value: string) =>
      ask(`mutation { changeSetting(level: ${level}, key: ${key}, value: ${value}) {
        ... on ChangedSetting { setting { value source } warnings { code } }
        ... on Refused { code } } }`);
    expect((await write('user', '"light"')).data.changeSetting).toMatchObject({
      setting: { value: 'light', source: 'user' },
      warnings: [{ code: 'SETTING_RECOMMENDED' }],
    });
    expect((await write('user', 'null')).data.changeSetting.setting).toMatchObject({
      value: 'dark',
      source: 'tenant',
    });
    expect((await write('tenant', '"light"')).data.changeSetting).toEqual({ code: 'FORBIDDEN' });
    const history = await ask(`{ settingHistory(level: user) { action value actorId } }`);
    expect(history.data.settingHistory[0]).toMatchObject({ action: 'reset', value: null });
  });
});
