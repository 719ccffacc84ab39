import { describe, expect, it } from '@jest/globals';
import type { Aggregate } from './aggregate.js';
import { defineEvent } from './event.js';
import { flag, object, optional, recordFields, text, uuid, type FieldValues } from './fields.js';
import { recordCommands } from './record-commands.js';
import { recordLife, type RecordState } from './record-life.js';
import { refusal } from './refusal.js';
import { given, SPEC_ACTOR, SPEC_ID } from './specification.js';

const fields = recordFields(
  { title: text(50, { personal: true }) },
  { code: text(10), urgent: flag() },
);
const life = recordLife({
  record: 'memo',
  names: {
    created: 'MemoCreated',
    changed: 'MemoChanged',
    archived: 'MemoArchived',
    restored: 'MemoRestored',
    deleted: 'MemoDeleted',
    tagsChanged: 'MemoTagsChanged',
    ownerChanged: 'MemoOwnerChanged',
  },
  fields,
  extra: { aboutId: uuid(), shelf: text(10) },
  subject: 'aboutId',
  samples: {
    created: { title: 'Lunch', aboutId: SPEC_ID, shelf: 'A' },
    changed: { title: 'Dinner', aboutId: SPEC_ID },
  },
  overrides: {
    created: {
      version: 2,
      upcasters: { 1: ({ name, ...rest }) => [{ ...rest, title: name }] },
      samples: { 1: { memoId: SPEC_ID, name: 'Lunch', aboutId: SPEC_ID, shelf: 'A' } },
    },
  },
});
type State = RecordState<FieldValues<typeof fields>> & { readonly shelf?: string };
type Event = Parameters<typeof life.foldState>[1];
const memo: Aggregate<State, Event> = {
  category: 'memo',
  stateVersion: 1,
  initial: { status: 'absent' },
  events: life.events,
  evolve: (state, event) => life.foldState(state, event),
  status: (state) => state.status,
};
const commands = recordCommands(memo, life, {
  collection: 'memos',
  names: {
    create: 'CreateMemo',
    change: 'ChangeMemo',
    archive: 'ArchiveMemo',
    restore: 'RestoreMemo',
    delete: 'DeleteMemo',
    changeTags: 'ChangeMemoTags',
    changeOwner: 'ChangeMemoOwner',
  },
  createInput: { aboutId: uuid(), shelf: optional(text(10)) },
  complete: ({ shelf, urgent }) =>
    shelf === 'full' ? refusal('FULL', 'rule', 'Full.') : { shelf: 'B', urgent: urgent ?? false },
  check: ({ code }, before, _ctx, state) =>
    before && code === 'X' && (state as { shelf?: string }).shelf === 'B'
      ? refusal('NO_X_ON_B', 'rule', 'Not on this shelf.')
      : undefined,
  reserves: ({ code }) => (code ? [{ scope: 'memo-code', value: code }] : []),
});

const aboutId = '01890a5d-ac96-774b-bcce-b302099a8099';
const data = { title: 'Lunch', code: 'L1', aboutId, shelf: 'B', urgent: false };
const created = life.fact('created', SPEC_ID, { ...data, ownerId: SPEC_ACTOR, tags: [] });
const reserved = { scope: 'memo-code', value: 'L1' };

describe('record kit', () => {
  it('completes what a creation leaves out and keeps it beside the values', () => {
    const { events, state, outcome } = given(memo).when(commands.create, {
      title: 'Lunch',
      code: 'L1',
      aboutId,
    });
    expect(events).toEqual([created]);
    expect(state).toMatchObject({ shelf: 'B', values: { title: 'Lunch', urgent: false } });
    expect((state as { values: object }).values).not.toHaveProperty('shelf');
    expect(outcome.take).toEqual([reserved]);
  });

  it('may refuse while completing, and check against the state', () => {
    const full = given(memo).when(commands.create, { title: 'Lunch', aboutId, shelf: 'full' });
    expect(full.refusal?.code).toBe('FULL');
    const change = given(memo, [created]).when(commands.change, { code: 'X' });
    expect(change.refusal?.code).toBe('NO_X_ON_B');
  });

  it('repeats the data subject in changes', () => {
    const { events } = given(memo, [created]).when(commands.change, { title: 'Dinner' });
    expect(events).toEqual([life.fact('changed', SPEC_ID, { aboutId, title: 'Dinner' })]);
    const subjects = life.events.flatMap(({ type, subject }) => (subject ? [type] : []));
    expect(subjects).toEqual(['MemoCreated', 'MemoChanged']);
  });

  it('takes and releases reserved values as the record lives', () => {
    const changed = given(memo, [created]).when(commands.change, { code: 'L2' });
    expect(changed.outcome).toMatchObject({
      take: [{ scope: 'memo-code', value: 'L2' }],
      release: [reserved],
    });
    expect(given(memo, [created]).when(commands.change, { urgent: true }).outcome).toEqual({
      events: [life.fact('changed', SPEC_ID, { aboutId, urgent: true })],
    });
    expect(given(memo, [created]).when(commands.delete).outcome.release).toEqual([reserved]);
    const [archived, deleted] = [life.fact('archived', SPEC_ID), life.fact('deleted', SPEC_ID)];
    expect(given(memo, [created, archived]).when(commands.restore).outcome.take).toBeUndefined();
    expect(given(memo, [created, deleted]).when(commands.restore).outcome.take).toEqual([reserved]);
  });

  it('takes a later version with its upcaster and all samples', () => {
    const [definition] = life.events;
    expect(definition).toMatchObject({ version: 2, personal: ['title'] });
    expect(Object.keys(definition!.samples)).toEqual(['1', '2']);
    expect(definition!.upcasters[1]!(definition!.samples[1]!)).toEqual([
      expect.objectContaining({ title: 'Lunch' }),
    ]);
  });

  it('refuses a declaration that lacks an upcaster', () => {
    expect(() =>
      defineEvent({
        type: 'X',
        version: 2,
        action: 'x',
        schema: object({}),
        samples: { 1: {}, 2: {} },
      }),
    ).toThrow('no upcaster from version 1');
  });
});
