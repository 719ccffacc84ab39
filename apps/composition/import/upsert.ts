import type { AnyCommand } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { deriveId } from '#kernel/ids';
import { changedFields } from '#kernel/record-rules';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { BulkMemory, Seen } from '#platform/commands/memory';
import type { Platform } from '#platform/platform';
import type { KnownRecords } from './known-records.js';
import type { Step, Values } from './load.js';

/** A step with its references resolved. */
export interface PlannedStep extends Omit<Step, 'on'> {
  readonly at?: Date;
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
  const { values, ownerId, tags } = state as { values?: Values; ownerId?: unknown; tags?: unknown };
  return { ...values, ownerId, tags };
}

/** A part of an address or the like leaves its other parts as they are. */
function merged(present: Values, given: Values): Values {
  const isParts = (value: unknown): value is Values =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const before = present[name];
      const parts = isParts(value) && isParts(before) && !('amountMinor' in value);
      return [name, parts ? { ...before, ...value } : value];
    }),
  );
}

/** Refusals that mean: what was seen is no longer so. */
const OVERTAKEN: readonly string[] = ['ALREADY_EXISTS', 'REVISION_MISMATCH', 'CONFLICT'];
const ATTEMPTS = 10;

/** Brings records to where their rows want them, by ordinary commands. */
export class Upsert {
  private readonly creates = new Map<string, AnyCommand>();
  private readonly changes = new Map<string, AnyCommand>();
  private readonly rehearsal: Map<string, string> | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly ctx: RequestContext,
    private readonly known: KnownRecords,
    private readonly memory: BulkMemory,
    private readonly importId: string,
    /** Decides everything and appends nothing. */
    dryRun = false,
  ) {
    this.rehearsal = dryRun ? new Map<string, string>() : undefined;
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
    let outcome = await this.bring(plan);
    for (const step of plan.steps) {
      if (isRefusal(outcome)) return outcome;
      const done = await this.asLongAsNews(plan, async ({ state, revision }) => {
        const input = { ...step.input, ...step.late?.(state as never) };
        if (step.done(state as never, input)) return 'unchanged';
        const { name, command, at } = step;
        return this.dispatch(plan, name, command, input, { at, revision }, 'changed');
      });
      if (isRefusal(done) || outcome === 'unchanged') outcome = done;
    }
    return outcome;
  }

  /** Creates the record, or gives an existing one the values it does not have. */
  private bring(plan: Plan): Promise<Outcome | Refusal> {
    const { record, values } = plan;
    const aggregate = this.known.aggregate(record);
    return this.asLongAsNews(plan, async ({ state, revision }) => {
      if (aggregate.status(state) === 'absent' && !plan.existing) {
        const input = { ...values, ...plan.initial };
        const command = this.creates.get(record)!;
        return this.dispatch(plan, 'create', command, input, { at: plan.at }, 'created');
      }
      // A rehearsed record may have been forgotten by now.
      if (this.rehearsal && aggregate.status(state) === 'absent') return 'unchanged';
      const present = presentValues(state);
      const changes = changedFields(present, merged(present, values), Object.keys(values));
      if (Object.keys(changes).length === 0) return 'unchanged';
      // A field that was never set gets its value as of the record's beginning; a value that
      // replaces another one is news.
      const first = Object.keys(changes).every((name) => (present[name] ?? null) === null);
      const at = first && revision === 1 ? plan.at : undefined;
      const command = this.changes.get(record)!;
      return this.dispatch(
        plan,
        `change:${revision}`,
        command,
        changes,
        { at, revision },
        'changed',
      );
    });
  }

  /** Looks and acts, and looks again where somebody else was faster. */
  private async asLongAsNews(
    { record, id }: Plan,
    act: (seen: Seen) => Promise<Outcome | Refusal>,
  ): Promise<Outcome | Refusal> {
    for (let attempt = 1; ; attempt++) {
      const result = await act(await this.known.seen(record, id));
      const overtaken = isRefusal(result) && OVERTAKEN.includes(result.code);
      if (!overtaken || attempt === ATTEMPTS) return result;
      this.known.forget(record, id);
    }
  }

  /** Command ids follow from import, record and step, so that a repeated call changes nothing. */
  private async dispatch(
    { record, id }: Plan,
    step: string,
    command: string | AnyCommand,
    input: Values,
    when: { readonly at?: Date | undefined; readonly revision?: number },
    outcome: Outcome,
  ): Promise<Outcome | Refusal> {
    const { tenantId } = this.ctx;
    const result = await this.platform.dispatch(command, input, this.ctx, {
      id,
      commandId: deriveId(`${tenantId}:${record}:${id}:${step}`, this.importId, 0),
      memory: this.memory,
      ...(this.rehearsal ? { rehearsal: this.rehearsal } : {}),
      ...(when.at ? { occurredAt: when.at } : {}),
      ...(when.revision === undefined ? {} : { expectedRevision: when.revision }),
    });
    return isRefusal(result) ? result : outcome;
  }
}
