import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workspaceParts } from '#apps/composition/workspace';
import { passwordHashOf } from '#platform/auth/credentials';
import { verifyPassword } from '#platform/auth/password';
import { isSessionLive, startSession } from '#platform/auth/sessions';
import { loadConfig } from '#platform/config/config';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';
import { demoAtStart, isLoopback } from './demo-at-start.js';

const KNOWN = 'paper boats on quiet water';

describe('the demo workspace at start', () => {
  let own: TestPlatform;
  let reached: TestPlatform;
  beforeAll(async () => {
    [own, reached] = await Promise.all([startTestPlatform(), startTestPlatform()]);
  });
  afterAll(() => Promise.all([own.close(), reached.close()]));

  const start = ({ platform }: TestPlatform, environment: Record<string, string>) =>
    demoAtStart(platform, loadConfig(environment), () => undefined);
  const opens = async ({ platform }: TestPlatform, tenantId: string, password: string) => {
    const { ownerId } = workspaceParts(tenantId);
    const hash = await platform.database.tenant(tenantId, (db) =>
      passwordHashOf(db, tenantId, ownerId),
    );
    return (await verifyPassword(password, hash)).ok;
  };

  it('tells this machine from others', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]']) {
      expect([host, isLoopback(host)]).toEqual([host, true]);
    }
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'crm.hooli.com']) {
      expect([host, isLoopback(host)]).toEqual([host, false]);
    }
  });

  it('is not made unasked where others reach the server', async () => {
    expect(await start(reached, { HOST: '0.0.0.0' })).toBeUndefined();
    expect(await start(reached, { PUBLIC_URL: 'https://crm.hooli.com' })).toBeUndefined();
    expect(await start(reached, { HOST: '0.0.0.0', DEMO: 'false' })).toBeUndefined();
  });

  it('gets a password of its own there when asked for, told once', async () => {
    const settings = { HOST: '0.0.0.0', DEMO: 'true' };
    const first = (await start(reached, settings))!;
    expect(first).toMatchObject({ created: true, known: false });
    expect(first.password).toMatch(/^[\w-]{24}$/);
    expect(await opens(reached, first.tenantId, first.password!)).toBe(true);
    expect(await opens(reached, first.tenantId, KNOWN)).toBe(false);
    expect(await start(reached, settings)).toMatchObject({ password: null, created: false });
    expect(await opens(reached, first.tenantId, first.password!)).toBe(true);
  }, 60_000);

  it('loses the password everybody knows once others reach it', async () => {
    const { platform } = own;
    const first = (await start(own, {}))!;
    const { tenantId } = first;
    expect(first).toMatchObject({ password: KNOWN, known: true, created: true });
    expect(await opens(own, tenantId, KNOWN)).toBe(true);
    const { ownerId: userId } = workspaceParts(tenantId);
    const { sessionId } = await platform.database.tenant(tenantId, (db) =>
      startSession(db, { tenantId, userId, client: {} }, platform.clock()),
    );
    const moved = (await start(own, { HOST: '0.0.0.0' }))!;
    expect(moved).toMatchObject({ created: false, known: false });
    expect(await opens(own, tenantId, KNOWN)).toBe(false);
    expect(await opens(own, tenantId, moved.password!)).toBe(true);
    const live = await platform.database.tenant(tenantId, (db) =>
      isSessionLive(db, tenantId, sessionId, platform.clock()),
    );
    expect(live).toBe(false);
    expect(await start(own, {})).toMatchObject({ password: null, known: false });
  }, 60_000);
});
