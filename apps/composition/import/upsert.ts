import type { AnyCommand } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { deriveId } from '#kernel/ids';
import { changedFields } from '#kernel/record-commands';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { BulkMemory } from '#platform/commands/memory';
import type { Platform } from '#platform/platform';
import type { KnownRecords } from './known-records.js';
import type { Values } from './recipe.js';

/** A step with its references resolved. */
export interface PlannedStep {
  readonly name: string;
  readonly command: string;
  readonly input: (state: never) => Values;
  readonly at?: Date;
  done(state: never, input: Values): boolean;
}

/** What a row wants its record to be. */
export interface Plan {
  readonly record: string;
  readonly id: string;
  readonly values: Values;
  readonly initial: Values;
  /** Never creates: the row only adds to a record that exists. */
  readonly existing: boolean;
  readonly at?: Date;
  readonly steps: readonly PlannedStep[];
}

export type Outcome = 'created' | 'changed' | 'unchanged';

/** The record's present values, as far as commands change them. */
function presentValues(state: unknown): Values {
  const { values, ownerId } = state as { values?: Values; ownerId?: unknown };
  return { ...values, ownerId };
}

/** Brings records to where their rows want them, by ordinary commands. */
export class Upsert {
  private readonly creates = new Map<string, AnyCommand>();
  private readonly changes = new Map<string, AnyCommand>();

  constructor(
    private readonly platform: Platform,
    private readonly ctx: RequestContext,
    private readonly known: KnownRecords,
    private readonly memory: BulkMemory,
    private readonly importId: string,
  ) {
    for (const command of platform.registry.commands.values()) {
      const { category } = command.aggregate;
      if (command.creates) this.creates.set(category, command);
      else if (command.rest.method === 'PATCH' && /^\/[a-z]+\/:id$/.test(command.rest.path)) {
        this.changes.set(category, command);
      }
    }
  }

  /** What became of the record, or why it is not what the row wants. */
  async apply(plan: Plan): Promise<Outcome | Refusal> {
    const { record, id } = plan;
    const aggregate = this.known.aggregate(record);
    const { state } = await this.known.seen(record, id);
    const absent = aggregate.status(state) === 'absent';
    let outcome =
      absent && !plan.existing ? await this.create(plan) : await this.change(plan, state);
    if (isRefusal(outcome) && outcome.code === 'ALREADY_EXISTS') {
      // Somebody else made it a moment ago: then it is there, and may differ.
      this.known.forget(record, id);
      outcome = await this.change(plan, (await this.known.seen(record, id)).state);
    }
    if (isRefusal(outcome)) return outcome;
    for (const step of plan.steps) {
      const now = (await this.known.seen(record, id)).state as never;
      const input = step.input(now);
      if (step.done(now, input)) continue;
      const refused = await this.dispatch(plan, step.name, step.command, input, step.at);
      if (refused) return refused;
      if (outcome === 'unchanged') outcome = 'changed';
    }
    return outcome;
  }

  private async create(plan: Plan): Promise<Outcome | Refusal> {
    const command = this.creates.get(plan.record)!;
    const input = { ...plan.values, ...plan.initial };
    return (await this.dispatch(plan, 'create', command, input, plan.at)) ?? 'created';
  }

  private async change(plan: Plan, state: unknown): Promise<Outcome | Refusal> {
    const present = presentValues(state);
    const changes = changedFields(present, plan.values, Object.keys(plan.values));
    if (Object.keys(changes).length === 0) return 'unchanged';
    // A field that was never set gets its value as of the record's beginning; a value that
    // replaces another one is news.
    const first = Object.keys(changes).every((name) => (present[name] ?? null) === null);
    const { revision } = await this.known.seen(plan.record, plan.id);
    const at = first && revision === 1 ? plan.at : undefined;
    const command = this.changes.get(plan.record)!;
    const refused = await this.dispatch(plan, `change:${revision}`, command, changes, at);
    return refused ?? 'changed';
  }

  /** Command ids follow from import, record and step, so that a repeated call changes nothing. */
  private async dispatch(
    { record, id }: Plan,
    step: string,
    command: string | AnyCommand,
    input: Values,
    at: Date | undefined,
  ): Promise<Refusal | undefined> {
    const { tenantId } = this.ctx;
    const result = await this.platform.dispatch(command, input, this.ctx, {
      id,
      commandId: deriveId(`${tenantId}:${record}:${id}:${step}`, this.importId, 0),
      memory: this.memory,
      ...(at ? { occurredAt: at } : {}),
    });
    return isRefusal(result) ? result : undefined;
  }
}
