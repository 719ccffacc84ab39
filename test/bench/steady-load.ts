import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import type { World } from './world.js';

/** What came of commands that were sent at a steady pace. */
export interface Load {
  /** Milliseconds from when each was due until it was answered. */
  readonly waits: readonly number[];
  /** Why commands were refused or failed. */
  readonly failures: readonly string[];
  readonly seconds: number;
}

/**
 * Begins work at a steady pace, however long each takes, until `enough` says so of the number
 * begun; then waits for what is under way. Who has to wait for the one before waits from when it
 * was due.
 */
export async function steadily(
  perSecond: number,
  enough: (begun: number) => boolean,
  work: (n: number) => Promise<CommandResult>,
): Promise<Load> {
  const underWay = new Set<Promise<void>>();
  const waits: number[] = [];
  const failures: string[] = [];
  const once = async (n: number, due: number) => {
    try {
      const result = await work(n);
      if (isRefusal(result)) failures.push(`${result.code}: ${result.message}`);
    } catch (error) {
      failures.push((error as Error).message);
    }
    waits.push(performance.now() - due);
  };
  const start = performance.now();
  for (let n = 0; !enough(n); n++) {
    const due = start + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    const task = once(n, due).finally(() => underWay.delete(task));
    underWay.add(task);
  }
  await Promise.all(underWay);
  return { waits, failures, seconds: (performance.now() - start) / 1000 };
}

/** Enough commands for so many seconds. */
export const lasting = (seconds: number, perSecond: number) => (begun: number) =>
  begun >= seconds * perSecond;

const projecting = new WeakSet<World>();

/** The world's rows follow the log from now on, as in a process that serves and projects. */
export async function keepProjecting(world: World): Promise<void> {
  if (projecting.has(world)) return;
  projecting.add(world);
  await world.platform.projections.catchUp();
  world.platform.projections.start();
}

/** Creates a company that nobody has seen yet. */
export function createCompany({ platform, ctx }: World, n: number, commandId = uuidv7()) {
  const input = { name: `Visible ${n} ${commandId.slice(-6)}`, industry: 'software' };
  return platform.dispatch('CreateCompany', input, ctx, { commandId });
}

const CONTACTS = 20_000;
const STATUSES = ['contacted', 'qualified', 'unqualified'] as const;

/** What people do all day: half of it changes contacts, the rest creates contacts and companies. */
export async function everydayCommands(
  world: World,
): Promise<(n: number) => Promise<CommandResult>> {
  const { platform, ctx } = world;
  const ids = await world.admin(async (db) => {
    const { rows } = await db.query<{ id: string }>(
      `SELECT id FROM rm_contacts WHERE tenant_id = $1 ORDER BY hashtext(id::text) LIMIT ${CONTACTS}`,
      [ctx.tenantId],
    );
    return rows.map(({ id }) => id);
  });
  let changed = 0;
  return (n) => {
    if (n % 4 === 0) return createCompany(world, n);
    if (n % 4 === 1) {
      const name = uuidv7();
      const person = { firstName: 'Lena', lastName: `Later ${name}`, addressCity: 'Linz' };
      return platform.dispatch('CreateContact', { ...person, email: `${name}@mail.example` }, ctx);
    }
    const id = ids[changed++ % ids.length]!;
    const input = { leadStatus: STATUSES[n % 3], leadScore: n % 101 };
    return platform.dispatch('ChangeContact', input, ctx, { id });
  };
}
