import { everything } from '#kernel/context';
import { hashId } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { BulkMemory } from '#platform/commands/memory';
import { tenantIds } from '#platform/operations/tenants';
import { systemContext, type Platform } from '#platform/platform';
import { pipeline, stagesOf, type PipelineState } from '#sales/pipeline/pipeline';
import { Story, type Step } from './demo-data/story.js';
import { createWorkspace } from './workspace.js';

/** How to look at the demo workspace. */
export interface DemoSignIn {
  readonly tenantId: string;
  readonly workspace: string;
  readonly email: string;
  readonly password: string;
}

const SIGN_IN = {
  workspace: 'demo',
  email: 'owner@demo.example',
  password: 'look around freely',
} as const;
const YEARS_MS = 2 * 365 * 86_400_000;
const LANES = 24;

/**
 * Fills an empty database with a workspace and two years of generated history, through the ordinary
 * commands. Completes a demo that was cut short; answers undefined where people have workspaces of
 * their own.
 */
export async function ensureDemo(
  platform: Platform,
  log: (line: string) => void,
): Promise<DemoSignIn | undefined> {
  const { holder: known } = await platform.reservations.find('', {
    scope: 'workspace-slug',
    value: SIGN_IN.workspace,
  });
  if (!known && (await tenantIds(platform.database)).length > 0) return undefined;
  if (known && !(await isDemo(platform, known))) return undefined;
  // The story ends on the day it was begun, also when a later start completes it.
  const begun = known ? await createdAt(platform, known) : undefined;
  const to = begun
    ? new Date(begun.getTime() + YEARS_MS)
    : new Date(Math.floor(platform.clock().getTime() / 60_000) * 60_000);
  const from = new Date(to.getTime() - YEARS_MS);
  const workspace = await createWorkspace(
    platform,
    {
      name: 'Demo',
      slug: SIGN_IN.workspace,
      ownerEmail: SIGN_IN.email,
      ownerPassword: SIGN_IN.password,
      ownerName: 'Demo Owner',
    },
    { by: 'demo', occurredAt: from },
  );
  if (isRefusal(workspace)) throw new Error(`the demo was refused: ${workspace.message}`);
  const { tenantId, ownerId, pipelineId } = workspace;
  const signIn = { tenantId, ...SIGN_IN };
  const last = hashId('demo-command', tenantId, 'last');
  const done = await platform.store.load(tenantId, `tenant-${tenantId}`, { commandId: last });
  if (done.stored) return signIn;

  log('Making the demo workspace …');
  const state = (await platform.facts.state(tenantId, pipeline, pipelineId)) as PipelineState;
  const open = stagesOf(state).filter(({ kind }) => kind === 'open');
  const stages = { open: open.map(({ stageId }) => stageId) };
  const story = new Story({ tenantId, ownerId, pipelineId, stages, from, to });
  await tell(platform, tenantId, story);
  await platform.dispatch('ChangeTenant', {}, systemContext(tenantId, 'demo'), {
    id: tenantId,
    commandId: last,
  });
  return signIn;
}

/** Whether the workspace at the demo's address is the demo: made by it, under its derived ids. */
async function isDemo(platform: Platform, tenantId: string): Promise<boolean> {
  const { events } = await platform.store.load(tenantId, `tenant-${tenantId}`);
  const [created] = await platform.codec.decode(events.slice(0, 1));
  return created === undefined || created.meta.actor.id === 'demo';
}

async function createdAt(platform: Platform, tenantId: string): Promise<Date | undefined> {
  const { events } = await platform.store.load(tenantId, `tenant-${tenantId}`);
  return events[0]?.occurredAt;
}

/** Chapter after chapter; within one, records side by side and the steps of each in order. */
async function tell(platform: Platform, tenantId: string, story: Story): Promise<void> {
  const memory = new BulkMemory();
  const base = systemContext(tenantId, 'demo');
  let number = 0;
  const perform = async (steps: readonly { step: Step; n: number }[]) => {
    for (const { step, n } of steps) {
      const ctx = { ...base, actor: { type: 'user' as const, id: step.by }, grants: everything };
      const commandId = hashId('demo-command', tenantId, String(n));
      const options = { id: step.id, commandId, occurredAt: step.at, memory };
      const result = await platform.dispatch(step.command, step.input, ctx, options);
      if (isRefusal(result)) {
        throw new Error(`${step.command} of the demo was refused: ${JSON.stringify(result)}`);
      }
    }
  };
  for (const chapter of story.chapters()) {
    const records = chapter.map((steps) => steps.map((step) => ({ step, n: number++ })));
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      for (let at = lane; at < records.length; at += LANES) await perform(records[at]!);
    });
    await Promise.all(lanes);
  }
}
