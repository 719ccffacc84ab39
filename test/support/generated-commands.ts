import type { AnyCommand } from '#kernel/command';
import { deriveId } from '#kernel/ids';
import { SPEC_TENANT } from '#kernel/specification';
import type { PureWorld } from './pure-world.js';

type Schema = Readonly<Record<string, any>>;
type Input = Record<string, unknown>;

/** Which records a field may name. */
const REFERENCES: Readonly<Record<string, string>> = {
  ownerId: 'user',
  assignedToId: 'user',
  managerId: 'user',
  userId: 'user',
  remainingOwnerId: 'user',
  granteeId: 'user',
  companyId: 'company',
  parentId: 'company',
  contactId: 'contact',
  productId: 'product',
  pipelineId: 'pipeline',
};
/** Values of fields whose rules no schema says. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  timeZone: ['UTC', 'Europe/Zurich'],
  locale: ['en', 'de-AT'],
  opensAt: ['08:00', '09:30'],
  closesAt: ['16:30', '18:00'],
  domains: ['hooli.com', 'piedpiper.com', 'aviato.com'],
  slug: ['hooli', 'pied-piper', 'aviato'],
  currency: ['USD'],
  amountMinor: ['100', '105400', '0'],
  stageId: [],
  role: ['manager', 'member', 'viewer'],
  hidden: ['description'],
  readOnly: ['description'],
  key: ['appearance.theme', 'appearance.density'],
  value: ['light', 'dark', 'dense', 'comfortable'],
};

interface Known {
  readonly status: string;
  readonly pipelineId?: string;
  readonly stages?: readonly { stageId: string; removed: boolean }[];
  readonly lineItems?: readonly { lineId: string }[];
  readonly memberIds?: readonly string[];
  readonly shares?: readonly { granteeId: string }[];
}

/** Commands with inputs that fit their schemas and mostly make sense, from a seeded generator. */
export class GeneratedCommands {
  private made = 0;

  constructor(
    private readonly world: PureWorld,
    readonly next: () => number,
  ) {}

  /** A whole number from 0 to below `end`. */
  number(end: number): number {
    return Math.floor(this.next() * end);
  }
  pick<Value>(values: readonly Value[]): Value {
    return values[this.number(values.length)]!;
  }
  newId(): string {
    return deriveId(SPEC_TENANT, 'generated', (this.made += 1));
  }

  /** An input for this command on this record. */
  input(command: AnyCommand, id: string): Input {
    const { category } = command.aggregate as { readonly category: string };
    const state = this.world.stateOf(category, id) as Known;
    return this.adjusted(command, this.object(command.input), state);
  }

  private object({ properties, required = [] }: Schema): Input {
    const names = Object.keys(properties as object);
    const given = names.filter((name) => required.includes(name) || this.next() < 0.6);
    return Object.fromEntries(
      given.map((name) => [name, this.value(properties[name] as Schema, name)]),
    );
  }

  private value(schema: Schema, name: string): unknown {
    const options = schema['anyOf'] as readonly Schema[] | undefined;
    if (options) {
      const [first] = options;
      return this.next() < 0.3 ? null : this.value(first!, name);
    }
    if (schema['enum']) return this.pick(schema['enum'] as unknown[]);
    switch (schema['type']) {
      case 'boolean':
        return this.next() < 0.5;
      case 'integer':
        return (
          schema['minimum'] + this.number(Math.min(100, schema['maximum'] - schema['minimum'] + 1))
        );
      case 'array': {
        const size = this.number(Math.min(4, schema['maxItems'] + 1));
        const items = Array.from({ length: size }, () => this.value(schema['items'], name));
        return items.filter((one, n) => items.indexOf(one) === n);
      }
      case 'object':
        return this.object(schema);
      default:
        return this.string(schema, name);
    }
  }

  private string({ format }: Schema, name: string): string {
    const values = VALUES[name];
    if (values?.length) return this.pick(values);
    const ids = REFERENCES[name] ? this.world.ids(REFERENCES[name], 'active') : [];
    if (ids.length > 0) return this.pick(ids);
    const day = `2025-1${this.number(3)}-1${this.number(10)}`;
    if (format === 'uuid') return this.newId();
    if (format === 'email') return `person${this.number(1_000_000)}@hooli.com`;
    if (format === 'date') return day;
    if (format === 'date-time') return `${day}T08:00:00.000Z`;
    if (/url|website/i.test(name)) return `https://hooli.com/${this.number(100)}`;
    return `${name} ${this.number(100)}`;
  }

  private stagesOf(pipelineId: string | undefined, removed = false): string[] {
    const { stages = [] } = pipelineId
      ? (this.world.stateOf('pipeline', pipelineId) as Known)
      : { stages: [] };
    return stages.filter((one) => one.removed === removed).map(({ stageId }) => stageId);
  }

  /** What only the records themselves can say: their stages, lines and members. */
  private adjusted({ name, aggregate, creates }: AnyCommand, input: Input, state: Known): Input {
    const { category } = aggregate as { readonly category: string };
    if ('relatedToType' in input || 'relatedToId' in input) {
      const company = this.pick(this.world.ids('company', 'active'));
      Object.assign(input, { relatedToType: 'company', relatedToId: company });
    }
    if (/^End.*Sharing$/.test(name)) {
      input['granteeId'] = this.pick(state.shares ?? [])?.granteeId ?? this.newId();
    }
    if ('stageIds' in input) input['stageIds'] = this.shuffled(liveOf(state));
    if ('lineId' in input && name !== 'AddLineItem') {
      input['lineId'] = this.pick(state.lineItems ?? [])?.lineId ?? this.newId();
    }
    if (/^(RemoveTeamMember|TakeRole)$/.test(name) && state.memberIds?.length) {
      input['userId'] = this.pick(state.memberIds);
    }
    if (category === 'pipeline' && 'stageId' in input) {
      const removed = (state.stages ?? []).filter((one) => one.removed);
      const known = name === 'AddStage' ? removed.map(({ stageId }) => stageId) : liveOf(state);
      if (known.length > 0) input['stageId'] = this.pick(known);
      else delete input['stageId'];
    }
    if (category === 'deal' && 'stageId' in input) {
      if (!creates && this.next() < 0.7) delete input['pipelineId'];
      const stages = this.stagesOf((input['pipelineId'] as string | undefined) ?? state.pipelineId);
      if (stages.length > 0) input['stageId'] = this.pick(stages);
    }
    if (name === 'CreatePipeline') delete input['stages'];
    return input;
  }

  private shuffled<Value>(values: readonly Value[]): Value[] {
    return values
      .map((value) => [this.next(), value] as const)
      .sort(([a], [b]) => a - b)
      .map(([, value]) => value);
  }
}

function liveOf({ stages = [] }: Known): string[] {
  return stages.filter(({ removed }) => !removed).map(({ stageId }) => stageId);
}
