import type { Aggregate } from '#kernel/aggregate';
import { commandList, defineCommand, guarded, stateOf } from '#kernel/command';
import { defineEvent, type EventsOf } from '#kernel/event';
import { email, integer, object, optional, text, uuid } from '#kernel/fields';
import { refuseWith } from '#kernel/refusal';

const SAMPLE = '01890a5d-ac96-774b-bcce-b302099a8057';
const memberId = uuid();
const personId = uuid();

/** A small aggregate with everything a store has to carry: personal fields of another subject,
 * reservations, guarded facts, events of several kinds. */
export const memberEvents = {
  joined: defineEvent({
    type: 'MemberJoined',
    action: 'joined',
    subject: 'personId',
    schema: object({
      memberId,
      personId,
      name: text(100, { personal: true }),
      email: optional(email({ personal: true })),
      plan: text(20),
    }),
    samples: { 1: { memberId: SAMPLE, personId: SAMPLE, name: 'Ada', plan: 'basic' } },
  }),
  renamed: defineEvent({
    type: 'MemberRenamed',
    action: 'renamed',
    subject: 'personId',
    schema: object({ memberId, personId, name: text(100, { personal: true }) }),
    samples: { 1: { memberId: SAMPLE, personId: SAMPLE, name: 'Ada' } },
  }),
  points: defineEvent({
    type: 'MemberPointsChanged',
    action: 'scored',
    schema: object({ memberId, by: integer(-1000, 1000) }),
    samples: { 1: { memberId: SAMPLE, by: 5 } },
  }),
  left: defineEvent({
    type: 'MemberLeft',
    action: 'left',
    schema: object({ memberId }),
    samples: { 1: { memberId: SAMPLE } },
  }),
};
type MemberEvent = EventsOf<typeof memberEvents>;

export interface MemberState {
  readonly status: 'absent' | 'active' | 'deleted';
  readonly personId: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly points: number;
}

function evolve(state: MemberState, { type, data }: MemberEvent): MemberState {
  switch (type) {
    case 'MemberJoined': {
      const { personId, name } = data;
      return { status: 'active', personId, name, email: data.email ?? null, points: 0 };
    }
    case 'MemberRenamed':
      return { ...state, name: data.name };
    case 'MemberPointsChanged':
      return { ...state, points: state.points + data.by };
    case 'MemberLeft':
      return { ...state, status: 'deleted' };
  }
}

export const member: Aggregate<MemberState, MemberEvent> = {
  category: 'member',
  stateVersion: 1,
  initial: { status: 'absent', personId: '', name: null, email: null, points: 0 },
  events: Object.values(memberEvents) as never,
  evolve,
  status: ({ status }) => status,
};

const refuse = refuseWith({
  MEMBER_EXISTS: { category: 'rule', message: 'The member exists.' },
  MEMBER_UNKNOWN: { category: 'missing', message: 'There is no such member.' },
  TOO_FEW_POINTS: { category: 'rule', message: 'The member has too few points.' },
});

const common = { aggregate: member, permission: 'members:update', description: 'For specs.' };
const route = (path: string) => ({ method: 'POST', path }) as const;
const emailOf = (value: string) => ({ scope: 'member-email', value });

const join = defineCommand({
  ...common,
  name: 'JoinMember',
  creates: true,
  rest: route('/members'),
  input: object({ personId, name: text(100), email: optional(email()), plan: text(20) }),
  decide: (input, state, { id }) =>
    state.status !== 'absent'
      ? refuse('MEMBER_EXISTS')
      : {
          events: [{ type: 'MemberJoined' as const, data: { memberId: id, ...input } }],
          take: input.email ? [emailOf(input.email)] : [],
        },
  inverse: { undoneBy: 'LeaveMember' },
});

const rename = defineCommand({
  ...common,
  name: 'RenameMember',
  rest: route('/members/:id/name'),
  input: object({ name: text(100) }),
  decide: ({ name }, state, { id }) => {
    if (state.status !== 'active') return refuse('MEMBER_UNKNOWN');
    if (state.name === name) return [];
    const data = { memberId: id, personId: state.personId, name };
    return [{ type: 'MemberRenamed' as const, data }];
  },
  inverse: { undoneBy: 'RenameMember', input: ({ before: { name } }) => ({ name }) },
});

const give = defineCommand({
  ...common,
  name: 'GivePoints',
  rest: route('/members/:id/points'),
  input: object({ by: integer(-1000, 1000) }),
  decide: ({ by }, state, { id }) => {
    if (state.status !== 'active') return refuse('MEMBER_UNKNOWN');
    if (state.points + by < 0) return refuse('TOO_FEW_POINTS');
    return [{ type: 'MemberPointsChanged' as const, data: { memberId: id, by } }];
  },
  inverse: { undoneBy: 'GivePoints', input: ({ command: { by } }) => ({ by: -by }) },
});

const leave = defineCommand({
  ...common,
  name: 'LeaveMember',
  rest: route('/members/:id/leave'),
  input: object({ successor: optional(uuid()) }),
  facts: ({ successor }) => (successor ? { successor: guarded(stateOf(member, successor)) } : {}),
  decide: (_input, state, { id, facts }) => {
    const { successor } = facts as { successor?: MemberState };
    if (state.status !== 'active') return refuse('MEMBER_UNKNOWN');
    if (successor && successor.status !== 'active') return refuse('MEMBER_UNKNOWN');
    const left = { type: 'MemberLeft' as const, data: { memberId: id } };
    return { events: [left], release: state.email ? [emailOf(state.email)] : [] };
  },
  inverse: { irreversible: 'Who has left does not come back.' },
});

export const memberCommands = commandList(join, rename, give, leave);
