import type { CommandResult } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { email, flag, object, optional, text, Type, type Static } from '#kernel/fields';
import { hashId } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { emailKey } from '#event-schemas/identity/user.events';
import { planTypes, tenantProfile } from '#event-schemas/identity/tenant.events';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { user, type UserState } from '#identity/user/user';
import { passwordHashOf, setPasswordHash } from '#platform/auth/credentials';
import { hashPassword, passwordProblem } from '#platform/auth/password';
import { validate } from '#platform/commands/validation';
import { systemContext, type Platform } from '#platform/platform';
import { pipeline, type PipelineState } from '#sales/pipeline/pipeline';

const { name, slug, timeZone, locale, currency } = tenantProfile.required;

const newWorkspace = object({
  name,
  slug: optional(slug),
  ownerEmail: email(),
  ownerPassword: Type.String({ minLength: 1, maxLength: 1000 }),
  ownerName: optional(text(200)),
  timeZone: optional(timeZone),
  locale: optional(locale),
  currency: optional(currency),
  planType: optional(Type.Enum([...planTypes])),
  sandbox: optional(flag()),
});

/** What a new workspace needs: a name, and somebody who owns it. */
export type NewWorkspace = Static<typeof newWorkspace>;

export interface WorkspaceOptions {
  /** Name of the process that makes it, as the timeline shows it. */
  readonly by?: string;
  /** When it came into being, for generated history. */
  readonly occurredAt?: Date;
  /** Lets the ids of all parts follow from it, for generated history. */
  readonly seed?: string;
  /** Refuses a workspace that is there already, instead of completing it. */
  readonly onlyNew?: boolean;
}

export interface Workspace {
  readonly tenantId: string;
  readonly slug: string;
  readonly ownerId: string;
  /** The default pipeline. */
  readonly pipelineId: string;
  /** False when the workspace was there already. */
  readonly created: boolean;
}

/** Lower case letters and digits with dashes between, as addresses take them. */
export function slugOf(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
}

/** Splits a name before its last word; a workspace knows its owner by first and last name. */
function ownerNames(given: string | undefined) {
  const words = (given ?? 'Workspace Owner').trim().split(/\s+/);
  const lastName = words.length > 1 ? words.pop()! : 'Owner';
  return { firstName: words.join(' '), lastName };
}

/** The refusal for input that no workspace can be made of; `address` is its short name. */
function problemOf(input: NewWorkspace, address: string): Refusal | undefined {
  const invalid = validate(newWorkspace, input) ?? validate(object({ slug }), { slug: address });
  if (invalid) return invalid;
  const about = [input.name, address, input.ownerName ?? '', ...input.ownerEmail.split('@')];
  const weak = passwordProblem(input.ownerPassword, about);
  return weak && refusal('WEAK_PASSWORD', 'rule', weak.message, [weak]);
}

/** The refusal of a short name that another workspace has. */
function addressTaken(address: string): Refusal {
  const message = `Another workspace has the address ${address}.`;
  const remedy = 'Choose another slug.';
  return refusal('ALREADY_TAKEN', 'conflict', message, [
    { field: 'slug', rule: 'unique', message, remedy },
  ]);
}

/**
 * The id a workspace has or will have: the same for the same address and owner, so that a call that
 * was cut short is completed by the next one. An id whose workspace has moved away or was deleted is passed over.
 */
export async function workspaceId(
  platform: Platform,
  address: string,
  ownerEmail: string,
): Promise<string> {
  for (let n = 0; ; n++) {
    const id = hashId('workspace', address, emailKey(ownerEmail), String(n));
    const state = (await platform.facts.state(id, tenant, id)) as TenantState;
    const isFree = state.status === 'absent' ? !state.deleted : state.values.slug === address;
    if (isFree) return id;
  }
}

/** The ids of a workspace's owner and default pipeline. */
export function workspaceParts(tenantId: string) {
  return {
    ownerId: hashId('workspace-owner', tenantId),
    pipelineId: hashId('workspace-pipeline', tenantId),
  };
}

/**
 * Makes a workspace with its owner, who may sign in, and its default pipeline. Called again with
 * the same address and owner it completes what is missing and changes nothing else: an existing
 * password stays. Refuses a taken address, a weak password or input of the wrong shape.
 */
export async function createWorkspace(
  platform: Platform,
  input: NewWorkspace,
  options: WorkspaceOptions = {},
): Promise<Workspace | Refusal> {
  const address = input.slug ?? slugOf(input.name);
  const problem = problemOf(input, address);
  if (problem) return problem;
  const tenantId = await workspaceId(platform, address, input.ownerEmail);
  const ctx = systemContext(tenantId, options.by ?? 'workspaces');
  const maker = new Maker(platform, ctx, options);
  const { ownerId, pipelineId } = workspaceParts(tenantId);
  if (options.onlyNew && (await maker.isComplete(pipelineId))) return addressTaken(address);
  const refused =
    (await maker.tenant(input, address)) ??
    (await maker.owner(ownerId, input)) ??
    (await maker.pipeline(pipelineId));
  if (refused) return refused;
  return { tenantId, slug: address, ownerId, pipelineId, created: maker.made > 0 };
}

/** Makes the parts that are missing; the commands carry the rules. */
class Maker {
  made = 0;

  constructor(
    private readonly platform: Platform,
    private readonly ctx: RequestContext,
    private readonly options: WorkspaceOptions,
  ) {}

  async tenant(input: NewWorkspace, address: string): Promise<Refusal | undefined> {
    const { tenantId } = this.ctx;
    const state = (await this.platform.facts.state(tenantId, tenant, tenantId)) as TenantState;
    if (state.status !== 'absent') return undefined;
    const { ownerEmail: _email, ownerPassword: _password, ownerName: _name, ...profile } = input;
    const refused = await this.dispatch('CreateTenant', tenantId, { ...profile, slug: address });
    return refused?.code === 'ALREADY_TAKEN' ? addressTaken(address) : refused;
  }

  async owner(id: string, input: NewWorkspace): Promise<Refusal | undefined> {
    const { platform, ctx } = this;
    const state = (await platform.facts.state(ctx.tenantId, user, id)) as UserState;
    if (state.status === 'absent') {
      const person = { ...ownerNames(input.ownerName), email: input.ownerEmail };
      const role = { role: 'owner', status: 'active' };
      const refused = await this.dispatch('CreateUser', id, { ...person, ...role });
      if (refused) return refused;
    }
    const known = await platform.database.tenant(ctx.tenantId, (db) =>
      passwordHashOf(db, ctx.tenantId, id),
    );
    if (known) return undefined;
    const hash = await hashPassword(input.ownerPassword);
    await platform.database.tenant(ctx.tenantId, (db) =>
      setPasswordHash(db, ctx.tenantId, id, hash, platform.clock()),
    );
    return this.dispatch('RecordPasswordChange', id, { how: 'first', sessionsEnded: false });
  }

  /** Whether the pipeline, which is made last, is there. */
  async isComplete(id: string): Promise<boolean> {
    const state = await this.platform.facts.state(this.ctx.tenantId, pipeline, id);
    return (state as PipelineState).status !== 'absent';
  }

  async pipeline(id: string): Promise<Refusal | undefined> {
    if (await this.isComplete(id)) return undefined;
    return this.dispatch('CreatePipeline', id, { name: 'Sales', isDefault: true });
  }

  private async dispatch(command: string, id: string, input: object): Promise<Refusal | undefined> {
    const { occurredAt, seed } = this.options;
    const result: CommandResult = await this.platform.dispatch(command, input, this.ctx, {
      id,
      ...(occurredAt ? { occurredAt } : {}),
      ...(seed ? { commandId: hashId(seed, this.ctx.tenantId, command) } : {}),
    });
    if (isRefusal(result)) return result;
    this.made += 1;
    return undefined;
  }
}
