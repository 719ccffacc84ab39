import { product } from '#apps/composition/product';
import { everything, type RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { Platform } from '#platform/platform';
import { createTestDatabase, type TestDatabase } from './database.js';

export interface TestPlatform {
  readonly platform: Platform;
  readonly test: TestDatabase;
  /** A caller of a fresh tenant who may do everything. */
  caller(tenantId?: string): RequestContext;
  close(): Promise<void>;
}

/** The whole platform on a database of its own. */
export async function startTestPlatform(clock?: () => Date): Promise<TestPlatform> {
  const test = await createTestDatabase();
  const platform = await Platform.open({
    url: test.url,
    masterKey: test.masterKey,
    poolSize: 10,
    allowUnsafeDurability: true,
    product,
    ...(clock ? { clock } : {}),
    log: ({ message, error }) => console.error(message, error ?? ''),
  });
  return {
    platform,
    test,
    caller: (tenantId = uuidv7()) => ({
      tenantId,
      actor: { type: 'user', id: uuidv7() },
      grants: everything,
      requestId: uuidv7(),
      correlationId: uuidv7(),
      ip: '203.0.113.7',
      userAgent: 'spec',
    }),
    close: async () => {
      await platform.close();
      await test.drop();
    },
  };
}
