import { describe, expect, it } from '@jest/globals';
import { product } from '#apps/composition/product';
import type { Aggregate } from '#kernel/aggregate';
import type { AnyCommand } from '#kernel/command';
import type { Fact } from '#kernel/event';
import { deriveId, PLATFORM_TENANT } from '#kernel/ids';
import {
  partsChanged,
  partsOf,
  planUndo,
  undoingCommands,
  type Done,
  type Inverse,
} from '#kernel/inverse';
import { isRefusal } from '#kernel/refusal';
import { SPEC_ACTOR, SPEC_TENANT } from '#kernel/specification';
import { Registry } from '#platform/commands/registry';
import { GeneratedCommands } from '#test/support/generated-commands';
import { PureWorld } from '#test/support/pure-world';
import { random } from '#test/support/random';

const COMMANDS = 3_000;
/** Where a command is seldom possible, it is tried this often in all. */
const MOST = 20_000;
/** What stands in the way of going back: the world around the record has moved on. */
const REASONS = new Set([
  'LAST_OWNER',
  'MIXED_CURRENCIES',
  'PARENT_CYCLE',
  'PIPELINE_ARCHIVED',
  'PRODUCT_UNAVAILABLE',
  'REFERENCE_NOT_FOUND',
  'SETTING_LOCKED',
  'STAGE_NAME_TAKEN',
  'STAGE_NOT_IN_PIPELINE',
  'STAGE_REQUIRES_FIELDS',
]);
/** How often each command must have been undone. */
const ENOUGH = 5;
const registry = new Registry(product);
const inverseOf = (command: AnyCommand) => command.inverse as Inverse;
const reversible = product.commands.filter((one) => undoingCommands(inverseOf(one)).length > 0);
type Did = Done<unknown, unknown, Fact>;

function plan(command: AnyCommand, done: Did, now: unknown) {
  return planUndo(command as never, done, now, (n) => `step-${n}`);
}

/** Dispatches the steps of an inverse; the code of the first refusal when there is one. */
function carriedOut(
  world: PureWorld,
  steps: readonly { command: string; id: string; input: object }[],
) {
  for (const { command, id, input } of steps) {
    const answer = world.dispatch(command, id, input);
    if (isRefusal(answer)) return answer.code;
  }
  return undefined;
}

/** A world with some of everything, and what makes up commands for it. */
function newWorld(seed: number) {
  const world = new PureWorld(registry, { type: 'user', id: SPEC_ACTOR });
  const make = new GeneratedCommands(world, random(seed));
  const create = (name: string, id: string, more: object = {}) => {
    const input = { ...make.input(registry.command(name), id), ...more };
    world.dispatch(name, id, input);
  };
  create('CreateTenant', SPEC_TENANT, { sandbox: true });
  const email = 'owner@hooli.com';
  // The first owner has nobody above: the state is what a set-up leaves.
  const owner = { firstName: 'O', lastName: 'W', email, role: 'owner', status: 'active' };
  world.asSystem().dispatch('CreateUser', SPEC_ACTOR, owner);
  const names = ['CreateUser', 'CreateCompany', 'CreateContact', 'CreateProduct', 'CreatePipeline'];
  for (const name of names) {
    for (let n = 0; n < 4; n++) create(name, make.newId(), name === 'CreateUser' ? { email } : {});
  }
  // Made by the product itself, so that no random command makes one.
  for (let n = 0; n < 4; n++) {
    create('RaiseNotification', make.newId(), { relatedToType: 'task', relatedToId: make.newId() });
  }
  return { world, make };
}

/** The next random command, carried out; undefined when it was refused or changed nothing. */
function randomCommand(world: PureWorld, make: GeneratedCommands, command: AnyCommand, id: string) {
  const done = world.dispatch(command.name, id, make.input(command, id));
  return isRefusal(done) || done.events.length === 0 ? undefined : done;
}

/** Commands after which little else is possible. */
const ENDS = /^(Archive|Cancel|Complete|Deactivate|Delete|Lose|Win)/;

/** Whose settings these commands change. */
const HOLDERS: Readonly<Record<string, string>> = {
  ChangePlatformSetting: PLATFORM_TENANT,
  ChangeTenantSetting: SPEC_TENANT,
  ChangeUserSetting: SPEC_ACTOR,
  ChangeSessionSetting: deriveId(SPEC_TENANT, 'session', 0),
};

function recordFor(world: PureWorld, make: GeneratedCommands, command: AnyCommand) {
  const { category } = command.aggregate as unknown as Aggregate;
  // Few records with long lives meet more situations than many new ones.
  if (command.creates) return make.number(5) === 0 ? make.newId() : undefined;
  if (category === 'tenant') return SPEC_TENANT;
  if (HOLDERS[command.name]) return HOLDERS[command.name];
  if (ENDS.test(command.name) && make.number(4) > 0) return undefined;
  const alive = make.number(4) > 0 ? 'active' : undefined;
  const ids = world.ids(category, alive).filter((id) => id !== SPEC_ACTOR);
  return ids.length > 0 ? make.pick(ids.slice(-6)) : undefined;
}

describe('inverses', () => {
  it('name commands there are, and reasons that are sentences', () => {
    for (const command of product.commands) {
      const inverse = inverseOf(command);
      for (const name of undoingCommands(inverse)) {
        expect(registry.command(name).aggregate).toBe(command.aggregate);
      }
      if ('irreversible' in inverse) expect(inverse.irreversible).toMatch(/^[A-Z].{15,}\.$/);
    }
  });

  it('bring back the state before, or are refused for a stated reason', () => {
    const { world, make } = newWorld(1);
    const undone = new Map<string, number>();
    const refused = new Set<string>();
    let seldom = reversible;
    for (let n = 0; n < MOST && (n < COMMANDS || seldom.length > 0); n++) {
      seldom = seldom.filter(({ name }) => (undone.get(name) ?? 0) < ENOUGH);
      const command = make.pick(make.number(2) === 0 && seldom.length > 0 ? seldom : reversible);
      const id = recordFor(world, make, command);
      const done = id && randomCommand(world, make, command, id);
      if (!done) continue;
      const made = plan(command, done, done.after);
      if (made.kind !== 'steps') throw new Error(`${command.name}: ${made.kind}`);
      expect(undoingCommands(inverseOf(command))).toEqual(
        expect.arrayContaining(made.steps.map((step) => step.command)),
      );
      const branch = world.branch();
      const why = carriedOut(branch, made.steps);
      if (why) {
        refused.add(why);
        continue;
      }
      const aggregate = command.aggregate as unknown as Aggregate;
      const remains = Object.keys((inverseOf(command) as { remains?: object }).remains ?? {});
      const after = branch.stateOf(aggregate.category, id);
      const left = partsChanged(
        partsOf(aggregate as never, done.before),
        partsOf(aggregate as never, after),
      ).filter((part) => !remains.includes(part));
      expect([command.name, made.steps, left]).toEqual([command.name, made.steps, []]);
      undone.set(command.name, (undone.get(command.name) ?? 0) + 1);
    }
    expect(seldom.map(({ name }) => [name, undone.get(name) ?? 0])).toEqual([]);
    expect([...refused.keys()].filter((code) => !REASONS.has(code))).toEqual([]);
  }, 60_000);

  it('report what has changed since, and overwrite none of it', () => {
    const { world, make } = newWorld(2);
    const seen = { conflicts: 0, undone: 0, refused: 0 };
    for (let n = 0; n < COMMANDS; n++) {
      const command = make.pick(reversible);
      const aggregate = command.aggregate as unknown as Aggregate;
      const id = recordFor(world, make, command);
      const done = id && randomCommand(world, make, command, id);
      if (!done) continue;
      const others = product.commands.filter((one) => one.aggregate === command.aggregate);
      const next = make.pick(others.filter(({ creates }) => !creates));
      const branch = world.branch();
      const later = randomCommand(branch, new GeneratedCommands(branch, make.next), next, id);
      if (!later) continue;
      const [before, after, now] = [done.before, done.after, later.after].map((state) =>
        partsOf(aggregate as never, state),
      ) as [Map<string, unknown>, Map<string, unknown>, Map<string, unknown>];
      const derived = (inverseOf(command) as { derived?: readonly string[] }).derived ?? [];
      const follows = (part: string) =>
        derived.some((one) => part === one || part.endsWith(one.split('*')[1] ?? '\0'));
      const since = partsChanged(after, now).filter((part) => !follows(part));
      const own = new Set(partsChanged(before, after));
      const made = plan(command, done, later.after);
      if (since.some((part) => own.has(part))) {
        expect([command.name, next.name, made.kind]).toEqual([command.name, next.name, 'conflict']);
      }
      if (made.kind === 'conflict') {
        seen.conflicts += 1;
        for (const { part, left, found } of made.conflicts) {
          expect([part, left, found]).toEqual([part, after.get(part), now.get(part)]);
          expect(since).toContain(part);
        }
        continue;
      }
      if (made.kind !== 'steps') throw new Error(`${command.name}: ${made.kind}`);
      if (carriedOut(branch, made.steps)) {
        seen.refused += 1;
        continue;
      }
      seen.undone += 1;
      const end = partsOf(aggregate as never, branch.stateOf(aggregate.category, id));
      const kept = since.map((part) => [command.name, next.name, part, end.get(part)]);
      expect(kept).toEqual(since.map((part) => [command.name, next.name, part, now.get(part)]));
    }
    expect(seen.conflicts).toBeGreaterThan(100);
    expect(seen.undone).toBeGreaterThan(100);
  }, 60_000);
});
