import { ExportFiles } from '#apps/composition/workspace-export/export-files';
import { workspaceExportJob } from '#apps/composition/workspace-export/export-job';
import type { Accepted, AnyCommand } from '#kernel/command';
import { everything } from '#kernel/context';
import { object } from '#kernel/fields';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { userRoles, type UserRole } from '#event-schemas/identity/user.events';
import { defineJob } from '#platform/jobs/job';
import { auditJob } from '#platform/operations/audit-job';
import { systemContext } from '#platform/platform';
import { testSeals } from '#test/support/sealing';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';
import { least } from './inputs.js';

/** Whose record it is, seen from the person who asks. */
export const relations = ['own', 'mate', 'other'] as const;
/** One record of a collection for each relation. */
export type Records = Readonly<Record<(typeof relations)[number], string>>;

/** A person of a role and, for each collection, records they own, a team mate owns, another owns. */
export interface Asker {
  readonly person: TestUser;
  readonly records: ReadonlyMap<string, Records>;
}

/** A workspace with a person of every role and records of several owners. */
export interface Stand {
  readonly server: TestServer;
  readonly workspace: TestWorkspace;
  readonly askers: ReadonlyMap<UserRole, Asker>;
  /** The owner of another workspace. */
  readonly stranger: TestUser;
}

/** Work that everybody may begin, and so retry. */
const waiting = defineJob({
  kind: 'waiting',
  title: () => 'Wait',
  input: object({}),
  permission: 'jobs:read',
  unit: 'rows',
  run: () => Promise.resolve({}),
});

/** Makes records and jobs in the name of people. */
class Maker {
  private shared: { readonly companyId: string; readonly pipelineId: string } | undefined;

  constructor(
    private readonly server: TestServer,
    private readonly tenantId: string,
  ) {}

  async dispatch(name: string, input: object, id: string = uuidv7()): Promise<string> {
    const ctx = systemContext(this.tenantId, 'spec');
    const result = await this.server.platform.dispatch(name, input, ctx, { id });
    if (isRefusal(result)) throw new Error(`${name}: ${JSON.stringify(result)}`);
    return (result as Accepted).id;
  }

  /** A record of the collection, or nothing where no command makes one. */
  async record(collection: string, userId: string): Promise<string | undefined> {
    if (collection === 'users') return userId;
    if (collection === 'jobs') return this.job(userId);
    const command = this.creating(collection);
    if (!command || collection === 'tenants') return undefined;
    this.shared ??= {
      companyId: await this.dispatch('CreateCompany', { name: 'Hooli' }),
      pipelineId: await this.dispatch('CreatePipeline', { name: 'Sales' }),
    };
    const { companyId, pipelineId } = this.shared;
    const known: Readonly<Record<string, string>> = {
      ownerId: userId,
      assignedToId: userId,
      recipientId: userId,
      pipelineId,
      ...(collection === 'notifications'
        ? {}
        : { relatedToType: 'company', relatedToId: companyId }),
    };
    const given = Object.entries(known).filter(([name]) => name in command.input.properties);
    const input = { ...(least(command.input) as object), ...Object.fromEntries(given) };
    return this.dispatch(command.name, input);
  }

  private creating(collection: string): AnyCommand | undefined {
    const { commands } = this.server.platform.registry.product;
    return commands.find(({ creates, rest }) => creates && rest.path === `/${collection}`);
  }

  private async job(userId: string): Promise<string> {
    const ids = { requestId: uuidv7(), correlationId: uuidv7() };
    const actor = { type: 'user', id: userId } as const;
    const ctx = { tenantId: this.tenantId, actor, grants: everything, ...ids };
    const job = await this.server.platform.jobs.start(waiting.kind, {}, ctx);
    if (isRefusal(job)) throw new Error(JSON.stringify(job));
    return (job as { readonly id: string }).id;
  }
}

/** Boots the product and fills one workspace; a second one has only a stranger. */
export async function startStand(): Promise<Stand> {
  const sealing = testSeals();
  const seals = () => Promise.resolve(sealing);
  // Begun and never run: there is no worker.
  const exportJob = workspaceExportJob(new ExportFiles('unused'));
  const server = await startTestServer({}, {}, { jobs: [auditJob, exportJob, waiting], seals });
  const close = async () => {
    await server.close();
    sealing.remove();
  };
  return fill({ ...server, close }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
}

async function fill(server: TestServer): Promise<Stand> {
  const [workspace, elsewhere] = [await server.workspace(), await server.workspace()];
  const make = new Maker(server, workspace.tenantId);
  const collections = [...server.platform.registry.readModels.keys(), 'jobs'];
  const recordsOf = async (userId: string) => {
    const made = new Map<string, string>();
    for (const collection of collections) {
      const id = await make.record(collection, userId);
      if (id) made.set(collection, id);
    }
    return made;
  };
  const people: TestUser[] = [];
  for (const role of userRoles) people.push(await workspace.person(role));
  const [mate, other] = [await workspace.person('member'), await workspace.person('member')];
  const teamId = await make.dispatch('CreateTeam', { name: 'Sales' });
  for (const { id: userId } of [...people, mate]) {
    await make.dispatch('AddTeamMember', { userId }, teamId);
  }
  const [ofMate, ofOther] = [await recordsOf(mate.id), await recordsOf(other.id)];
  const askers = new Map<UserRole, Asker>();
  for (const person of people) {
    const records = [...(await recordsOf(person.id))].map(([name, own]): [string, Records] => [
      name,
      { own, mate: ofMate.get(name)!, other: ofOther.get(name)! },
    ]);
    askers.set(person.role, { person, records: new Map(records) });
  }
  await server.settled();
  return { server, workspace, askers, stranger: await elsewhere.person('owner') };
}

/** Work on every item, a few at a time, in order. */
export async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return results;
}

/** The scope that reaches exactly these records. */
export function scopeReached(reached: readonly string[]): string {
  const known: Readonly<Record<string, string>> = {
    '': '-',
    own: 'own',
    'own mate': 'team',
    'own mate other': 'all',
  };
  const text = relations.filter((one) => reached.includes(one)).join(' ');
  return known[text] ?? `only ${text}`;
}
