import { randomBytes } from 'node:crypto';
import { streamId } from '#kernel/aggregate';
import { hashId } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { liveStages } from '#event-schemas/sales/stages';
import { passwordHashOf, setPasswordHash } from '#platform/auth/credentials';
import { hashPassword, verifyPassword } from '#platform/auth/password';
import { endSessionsOf } from '#platform/auth/sessions';
import { BulkMemory } from '#platform/commands/memory';
import { destroyedTenants, tenantIds } from '#platform/operations/tenants';
import { systemContext, type Platform } from '#platform/platform';
import { pipeline, stagesOf, type PipelineState } from '#sales/pipeline/pipeline';
import type { Happening, Setting } from './demo/history.js';
import { planHistory } from './demo/plan.js';
import { Lanes } from './import/lanes.js';
import { createWorkspace, workspaceId, workspaceParts } from './workspace.js';

/** How to sign in to the demo workspace. */
export interface DemoSignIn {
  readonly tenantId: string;
  /** The short name a person gives at sign-in. */
  readonly workspace: string;
  readonly email: string;
  /** Null once somebody has chosen another one. */
  readonly password: string | null;
  /** Whether it is the password that every demo workspace of one's own machine has. */
  readonly known: boolean;
  /** Whether this call made it. */
  readonly created: boolean;
}

export interface DemoOptions {
  /** Last day of the history; today when left out. */
  readonly today?: Date;
  readonly seed?: number;
  /** Whether others than this machine reach it: then the password is made up, and told once. */
  readonly open?: boolean;
}

const NAME = 'Demo';
const SLUG = 'demo';
const EMAIL = 'owner@demo.example';
const PASSWORD = 'paper boats on quiet water';
const DAY = 86_400_000;
const YEARS = 730;
const SEED = 20_240_229;
const LANES = 64;

/** Whether there is room for the demo workspace: an empty database, or one that has it. */
export async function hasDemoOrNothing(platform: Platform): Promise<boolean> {
  const ids = await tenantIds(platform.database);
  // A database whose workspaces were deleted is not one that is new.
  const gone = await destroyedTenants(platform.database);
  return ids.length + gone.length === 0 || ids.includes(await demoTenant(platform));
}

function demoTenant(platform: Platform): Promise<string> {
  return workspaceId(platform, SLUG, EMAIL);
}

/**
 * The demo workspace with a generated history of two years up to today, made by ordinary commands.
 * A second call does nothing; one that was cut short is completed.
 */
export async function ensureDemo(
  platform: Platform,
  log: (line: string) => void,
  { today = platform.clock(), seed = SEED, open = false }: DemoOptions = {},
): Promise<DemoSignIn> {
  const tenantId = await demoTenant(platform);
  const stream = streamId('tenant', tenantId);
  const end = { commandId: hashId('demo-end', tenantId) };
  const { events, stored } = await platform.store.load(tenantId, stream, end);
  if (stored) return signIn(platform, tenantId, false, open);
  const began = Date.now();
  log('Making the demo workspace: two years of a small sales team.');
  // A history that was begun goes on to the day it was begun for.
  const start = events[0]?.occurredAt ?? new Date(Math.floor(today.getTime() / DAY - YEARS) * DAY);
  const happenings = planHistory(await settle(platform, start, open), seed);
  await live(platform, tenantId, happenings, events.length > 0);
  // Changes nothing; its id tells that all others are done.
  const ctx = systemContext(tenantId, 'demo');
  await platform.dispatch('ChangeTenant', { name: NAME }, ctx, { id: tenantId, ...end });
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  log(`The demo workspace is made: ${happenings.length} changes in ${seconds} s.`);
  return signIn(platform, tenantId, true, open);
}

/** The empty workspace. */
async function settle(platform: Platform, start: Date, open: boolean): Promise<Setting> {
  const ownerPassword = open ? madeUp() : PASSWORD;
  const workspace = await createWorkspace(
    platform,
    { name: NAME, slug: SLUG, ownerEmail: EMAIL, ownerPassword, planType: 'enterprise' },
    { by: 'demo', occurredAt: start, seed: 'demo' },
  );
  if (isRefusal(workspace)) throw new Error(`The demo workspace: ${workspace.message}`);
  const { tenantId, pipelineId } = workspace;
  const state = (await platform.facts.state(tenantId, pipeline, pipelineId)) as PipelineState;
  const pending = liveStages(stagesOf(state)).filter(({ kind }) => kind === 'open');
  const stages = pending.map(({ stageId }) => stageId);
  return { ...workspace, stages, start, end: new Date(start.getTime() + YEARS * DAY) };
}

async function signIn(
  platform: Platform,
  tenantId: string,
  created: boolean,
  open: boolean,
): Promise<DemoSignIn> {
  const { ownerId } = workspaceParts(tenantId);
  const hash = await platform.database.tenant(tenantId, (db) =>
    passwordHashOf(db, tenantId, ownerId),
  );
  const known = (await verifyPassword(PASSWORD, hash)).ok;
  const about = { tenantId, workspace: SLUG, email: EMAIL, created };
  if (!open) return { ...about, password: known ? PASSWORD : null, known };
  const password = known || created ? await renewPassword(platform, tenantId, ownerId) : null;
  return { ...about, password, known: false };
}

/**
 * For a server that others reach: takes the password everybody knows from a demo workspace that was
 * made on one's own machine. The new one, or null where there was nothing to do.
 */
export async function closeDemo(platform: Platform): Promise<DemoSignIn | null> {
  const tenantId = await demoTenant(platform);
  const there = (await tenantIds(platform.database)).includes(tenantId);
  return there ? signIn(platform, tenantId, false, true) : null;
}

const madeUp = () => randomBytes(18).toString('base64url');

async function renewPassword(platform: Platform, tenantId: string, ownerId: string) {
  const password = madeUp();
  const hash = await hashPassword(password);
  const now = platform.clock();
  await platform.database.tenant(tenantId, async (db) => {
    await setPasswordHash(db, tenantId, ownerId, hash, now);
    await endSessionsOf(db, tenantId, ownerId, now);
  });
  const input = { how: 'administrator', sessionsEnded: true };
  const ctx = systemContext(tenantId, 'demo');
  await platform.dispatch('RecordPasswordChange', input, ctx, { id: ownerId });
  return password;
}

/**
 * Dispatches a history in its order, side by side where records do not need each other. One that
 * goes on may have been begun by an earlier release: then what no longer fits is left out.
 */
async function live(
  platform: Platform,
  tenantId: string,
  happenings: readonly Happening[],
  goesOn: boolean,
): Promise<void> {
  const lanes = new Lanes(LANES);
  const memory = new BulkMemory();
  const ctx = { ...systemContext(tenantId, 'demo'), correlationId: hashId('demo', tenantId) };
  const made = new Map<string, Promise<void>>();
  try {
    for (const { id, needs, at, command, input, commandId, actor } of happenings) {
      const before = needs.flatMap((need) => made.get(need) ?? []);
      const done = Promise.withResolvers<void>();
      if (!made.has(id)) made.set(id, done.promise);
      await lanes.add(id, async () => {
        await Promise.all(before);
        const options = { id, commandId, occurredAt: at, memory };
        const result = await platform
          .dispatch(command, input, { ...ctx, actor }, options)
          .finally(done.resolve);
        if (!isRefusal(result) || goesOn) return;
        const details = result.details.map(({ message }) => message).join(' ');
        throw new Error(`${command} ${id} at ${at.toISOString()}: ${result.code} ${details}`);
      });
    }
  } finally {
    await lanes.drain();
  }
}
