import { product } from '#apps/composition/product';
import { everything, type RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { Platform, type PlatformOptions } from '#platform/platform';
import { createTestDatabase, type TestDatabase } from './database.js';
import { openTestLog } from './given-log.js';

export interface TestPlatform {
  platform: Platform;
  readonly test: TestDatabase;
  /** What the processors logged. */
  readonly problems: readonly string[];
  /** A caller of a fresh tenant who may do everything. */
  caller(tenantId?: string): RequestContext;
  /** Closes the platform and opens it again on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The whole platform on a database of its own. */
export async function startTestPlatform(
  clock?: () => Date,
  more: Pick<PlatformOptions, 'jobs' | 'effects' | 'seals' | 'redisUrl' | 'kurrentDb'> = {},
): Promise<TestPlatform> {
  const test = await createTestDatabase();
  const log = more.kurrentDb ? undefined : await openTestLog();
  const open = () =>
    Platform.open({
      url: test.url,
      masterKey: test.masterKey,
      poolSize: 10,
      allowUnsafeDurability: true,
      product,
      ...(log ? { kurrentDb: log.server } : {}),
      ...more,
      ...(clock ? { clock } : {}),
      log: ({ message, error }) => problems.push(error ? `${message}: ${String(error)}` : message),
    });
  const problems: string[] = [];
  const started: TestPlatform = {
    platform: await open(),
    problems,
    test,
    restart: async () => {
      await started.platform.close();
      started.platform = await open();
    },
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
      await started.platform.close();
      await log?.server.close();
      await test.drop();
    },
  };
  return started;
}
