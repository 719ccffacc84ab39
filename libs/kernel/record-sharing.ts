import type { Aggregate } from './aggregate.js';
import { defineCommand, recordOf, type AnyCommand, type RecordFact } from './command.js';
import type { DecideContext } from './context.js';
import type { Fact } from './event.js';
import { object, optional, type Static } from './fields.js';
import type { Done } from './inverse.js';
import { recordRefusals, requireActive } from './record-rules.js';
import type { LifeData } from './record-life.js';
import { refuseWith } from './refusal.js';
import { MAX_SHARES, shareFields, sharesOf, type Share } from './sharing.js';

const refuse = refuseWith({
  REFERENCE_NOT_FOUND: recordRefusals.REFERENCE_NOT_FOUND,
  SHARE_ENDS_IN_PAST: { category: 'rule', message: 'The share would have ended already.' },
  SHARE_LIMIT: {
    category: 'rule',
    message: `A record is shared with at most ${MAX_SHARES} people and teams.`,
  },
});

const GRANTEES = ['user', 'team'] as const;

/** The life of a record that can be shared. */
interface ShareableLife {
  readonly record: string;
  fact(name: 'shared' | 'sharingEnded', id: string, data: LifeData): Fact;
}

export interface SharingOptions {
  /** `companies`: first segment of routes and permissions. */
  readonly collection: string;
  readonly names: { readonly share: string; readonly end: string };
}

/** The two commands of a record that can be shared beside those of its life. */
export function sharingCommands<State extends { readonly status: string }, Event extends Fact>(
  aggregate: Aggregate<State, Event>,
  life: ShareableLife,
  { collection, names }: SharingOptions,
): readonly AnyCommand[] {
  const { granteeId, access, until } = shareFields;
  const event = (key: 'shared' | 'sharingEnded', id: string, data: LifeData) =>
    life.fact(key, id, data) as unknown as Event;
  const common = {
    aggregate,
    permission: `${collection}:share`,
  };
  const path = `/${collection}/:id/shares/:granteeId`;

  const input = object({ granteeId, access, until: optional(until) });
  const share = defineCommand({
    ...common,
    name: names.share,
    description:
      `Shares a ${life.record} with a person or a team, or changes how. It opens the record to ` +
      'those whose roles let them read or change such records at all.',
    rest: { method: 'PUT', path },
    input,
    facts: (command) =>
      Object.fromEntries(GRANTEES.map((type) => [type, recordOf(type, command.granteeId)])),
    decide(command, state, ctx: DecideContext<Readonly<Record<string, unknown>>>) {
      const refused = requireActive(state as never);
      if (refused) return refused;
      const { granteeId: id, access: wanted } = command;
      const granteeType = GRANTEES.find(
        (type) => (ctx.facts[type] as RecordFact | undefined)?.status === 'active',
      );
      if (!granteeType) {
        return refuse('REFERENCE_NOT_FOUND', {
          field: 'granteeId',
          rule: 'reference',
          message: 'granteeId names neither an active person nor a team of this workspace.',
          remedy: 'Choose somebody who is active here, or one of the teams.',
          value: id,
        });
      }
      const ends = command.until ?? null;
      if (ends !== null && Date.parse(ends) <= ctx.now.getTime()) {
        return refuse('SHARE_ENDS_IN_PAST', {
          field: 'until',
          rule: 'future',
          message: 'until has passed already.',
          remedy: 'Give a later instant, or leave it out to share until it is taken back.',
          value: ends,
        });
      }
      const shares = sharesOf(state);
      const before = shares.find((one) => one.granteeId === id);
      if (!before && shares.length >= MAX_SHARES) {
        return refuse('SHARE_LIMIT', {
          field: 'granteeId',
          rule: 'limit',
          message: `The ${life.record} is shared with ${MAX_SHARES} already, ended shares included.`,
          remedy: 'Take one back that is not needed any more, or share it with a team.',
          value: id,
        });
      }
      if (before?.access === wanted && before.until === ends) return [];
      return [event('shared', ctx.id, { granteeType, granteeId: id, access: wanted, until: ends })];
    },
    inverse: {
      undoneBy: [names.share, names.end],
      steps: ({ id, command, before }: Done<Static<typeof input>, State, Event>) => [
        stepBack(id, sharesOf(before), command.granteeId),
      ],
    },
  });

  /** What brings back how the record was shared with somebody before. */
  function stepBack(id: string, before: readonly Share[], grantee: string) {
    const former = before.find((one) => one.granteeId === grantee);
    if (!former) return { command: names.end, id, input: { granteeId: grantee } };
    const { granteeType: _type, ...given } = former;
    return { command: names.share, id, input: given };
  }

  const ended = object({ granteeId });
  const end = defineCommand({
    ...common,
    name: names.end,
    description: `Takes back that a ${life.record} is shared with a person or a team.`,
    rest: { method: 'DELETE', path },
    input: ended,
    decide(command, state, ctx) {
      const refused = requireActive(state as never);
      if (refused) return refused;
      const isShared = sharesOf(state).some((one) => one.granteeId === command.granteeId);
      return isShared ? [event('sharingEnded', ctx.id, { granteeId: command.granteeId })] : [];
    },
    inverse: {
      undoneBy: [names.share, names.end],
      steps: ({ id, command, before }: Done<Static<typeof ended>, State, Event>) => [
        stepBack(id, sharesOf(before), command.granteeId),
      ],
    },
  });

  return [share, end] as unknown as readonly AnyCommand[];
}
