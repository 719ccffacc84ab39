import { fold, type Aggregate } from '#kernel/aggregate';
import type { AnyCommand, FactRequest, Outcome } from '#kernel/command';
import { everything, type Actor } from '#kernel/context';
import type { Fact } from '#kernel/event';
import { deriveId, PLATFORM_TENANT } from '#kernel/ids';
import type { Done } from '#kernel/inverse';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { SPEC_NOW, SPEC_TENANT } from '#kernel/specification';
import type { Registry } from '#platform/commands/registry';
import { validate } from '#platform/commands/validation';

/** Records and their states without a log: what commands decide when nothing else interferes. */
export class PureWorld {
  constructor(
    readonly registry: Registry,
    /** Who acts in it. */
    private readonly actor: Actor,
    private readonly states = new Map<string, Map<string, unknown>>(),
    private commands = 0,
  ) {}

  /** The same world, to try something out in. */
  branch(): PureWorld {
    const states = [...this.states].map(([name, all]) => [name, new Map(all)] as const);
    return new PureWorld(this.registry, this.actor, new Map(states), this.commands);
  }

  /** The same records, with the product itself as caller. */
  asSystem(): PureWorld {
    return new PureWorld(this.registry, { type: 'system', id: 'set-up' }, this.states, 1_000_000);
  }

  stateOf(category: string, id: string): unknown {
    const { initial } = this.registry.aggregates.get(category)!;
    return this.states.get(category)?.get(id) ?? initial;
  }

  /** Ids of a category; `status` narrows them. */
  ids(category: string, status?: string): string[] {
    const aggregate = this.registry.aggregates.get(category)!;
    const all = [...(this.states.get(category) ?? [])];
    return all
      .filter(([, state]) => !status || aggregate.status(state) === status)
      .map(([id]) => id);
  }

  private fact(request: FactRequest): unknown {
    switch (request.kind) {
      case 'state':
        return this.stateOf(request.aggregate.category, request.id);
      case 'record': {
        const aggregate = this.registry.aggregates.get(request.record)!;
        return { status: aggregate.status(this.stateOf(request.record, request.id)) };
      }
      case 'matches':
        return [];
      case 'chain': {
        const met: string[] = [];
        let next: string | null = request.id;
        while (next && !met.includes(next)) {
          met.push(next);
          next = request.next(this.stateOf(request.aggregate.category, next) as never);
        }
        return met;
      }
    }
  }

  /** Validates, decides and folds one command. */
  dispatch(name: string, id: string, input: unknown): Refusal | Done<unknown, unknown, Fact> {
    const command: AnyCommand = this.registry.command(name);
    const aggregate = command.aggregate as unknown as Aggregate;
    const invalid = validate(command.input, input);
    if (invalid) return invalid;
    const before = this.stateOf(aggregate.category, id);
    const tenantId = id === PLATFORM_TENANT ? PLATFORM_TENANT : SPEC_TENANT;
    const caller = { tenantId, actor: this.actor, id };
    const requests = command.facts?.(input as never, before as never, caller) ?? {};
    const facts = Object.fromEntries(
      Object.entries(requests as Record<string, FactRequest | undefined>).map(([key, one]) => [
        key,
        one ? this.fact(one) : undefined,
      ]),
    );
    const commandId = deriveId(SPEC_TENANT, 'pure-world', (this.commands += 1));
    const decision = command.decide(input as never, before as never, {
      ...caller,
      grants: everything,
      now: SPEC_NOW,
      newId: (n) => deriveId(SPEC_TENANT, commandId, n),
      facts: facts as never,
    });
    if (isRefusal(decision)) return decision;
    const events = 'events' in decision ? (decision as Outcome<Fact>).events : decision;
    const after = fold(aggregate, events, before);
    const category = this.states.get(aggregate.category) ?? new Map<string, unknown>();
    this.states.set(aggregate.category, category.set(id, after));
    return { id, command: input, before, after, events };
  }
}
