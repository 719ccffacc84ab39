import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { isSessionLive, startSession } from '#platform/auth/sessions';
import { loadConfig } from '#platform/config/config';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { openPlatform, type OpenedPlatform } from './open-platform.js';
import { createWorkspace } from './workspace.js';
import { isRefusal } from '#kernel/refusal';
import { uuidv7 } from '#kernel/ids';
import { systemContext } from '#platform/platform';

let test: TestDatabase;
let opened: OpenedPlatform;
const open = () =>
  openPlatform(
    loadConfig({
      DATABASE_URL: test.url,
      MASTER_KEY: test.masterKey.toString('base64'),
      ALLOW_UNSAFE_DURABILITY: 'true',
    }),
  );
beforeAll(async () => {
  test = await createTestDatabase();
  opened = await open();
});
afterAll(async () => {
  await opened.close();
  await test.drop();
});

it('sessions end with a deactivation that another process projects later', async () => {
  const ownerPassword = 'seven quiet lanterns drift';
  const made = await createWorkspace(opened.platform, {
    name: 'Hooli',
    ownerEmail: 'gavin@hooli.example',
    ownerPassword,
  });
  if (isRefusal(made)) throw new Error(made.message);
  const { tenantId, ownerId } = made;
  const ctx = systemContext(tenantId, 'spec');
  const { platform } = opened;
  const id = uuidv7();
  const person = { firstName: 'Nelson', lastName: 'Bighetti', email: 'nelson@hooli.example' };
  await platform.dispatch('CreateUser', { ...person, role: 'member', status: 'active' }, ctx, {
    id,
  });
  const sessions = await Promise.all(
    [id, ownerId].map((userId) =>
      platform.database.tenant(tenantId, (db) =>
        startSession(db, { tenantId, userId, client: {} }, platform.clock()),
      ),
    ),
  );
  await platform.dispatch('DeactivateUser', { remainingOwnerId: ownerId }, ctx, { id });
  await opened.close();
  opened = await open();
  await opened.platform.projections.catchUp();
  // Closing waits for what follows from the log.
  await opened.close();
  opened = await open();
  const live = await Promise.all(
    sessions.map(({ sessionId }) =>
      opened.platform.database.tenant(tenantId, (db) =>
        isSessionLive(db, tenantId, sessionId, opened.platform.clock()),
      ),
    ),
  );
  expect(live).toEqual([false, true]);
});
