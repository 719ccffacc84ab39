import { describe, expect, it } from '@jest/globals';
import { taskLife } from '#event-schemas/work/task.events';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { taskCommands } from './commands.js';
import { task } from './task.js';

const command = (name: string) => taskCommands.find((one) => one.name === name)!;
const create = command('CreateTask');
const change = command('ChangeTask');
const dealId = '01890a5d-ac96-774b-bcce-b302099a8060';
const otherId = '01890a5d-ac96-774b-bcce-b302099a8099';
const related = { relatedToType: 'deal', relatedToId: dealId };
const created = taskLife.fact('created', SPEC_ID, {
  title: 'Call',
  ...related,
  taskType: 'todo',
  priority: 'medium',
  assignedToId: SPEC_ACTOR,
  ownerId: SPEC_ACTOR,
  tags: [],
});
const known = (status: string) => ({ facts: { relatedToId: { status } } });

describe('task', () => {
  it('is pending and the caller’s own unless told otherwise', () => {
    const input = { title: 'Call', ...related };
    const { events, state } = given(task).when(create, input, known('active'));
    expect(events).toEqual([created]);
    expect(state).toMatchObject({ progress: 'pending' });
    expect(task.owner!(state)).toBe(SPEC_ACTOR);
  });

  it('is assigned to its owner, to somebody else or to nobody', () => {
    const assigned = (input: object) => {
      const { state } = given(task).when(create, { title: 'Call', ...input });
      return task.owner!(state);
    };
    expect(assigned({ ownerId: otherId })).toBe(otherId);
    expect(assigned({ assignedToId: otherId })).toBe(otherId);
    expect(assigned({ assignedToId: null })).toBeNull();
    expect(assigned({ ownerId: null })).toBeNull();
    expect(task.owner!(task.initial)).toBeNull();
  });

  it('is about a record that exists', () => {
    const { refusal } = given(task).when(create, { title: 'Call', ...related }, known('absent'));
    expect(refusal).toMatchObject({
      code: 'REFERENCE_NOT_FOUND',
      details: [{ field: 'relatedToId', message: 'relatedToId names no deal of this workspace.' }],
    });
  });

  it('names kind and id of that record, or neither', () => {
    const code = (input: object) =>
      given(task).when(create, { title: 'Call', ...input }).refusal?.code;
    expect(code({ relatedToType: 'deal' })).toBe('RELATION_INCOMPLETE');
    expect(code({ relatedToId: dealId })).toBe('RELATION_INCOMPLETE');
    expect(code({})).toBeUndefined();
    const past = given(task, [created]);
    expect(past.when(change, { relatedToType: null }).refusal?.code).toBe('RELATION_INCOMPLETE');
    const neither = past.when(change, { relatedToType: null, relatedToId: null });
    expect(neither.events).toHaveLength(1);
  });

  it('looks the record up under the kind it will have', () => {
    const { state } = given(task, [created]);
    const facts = (input: object, from = state) =>
      change.facts!(input as never, from as never, {} as never) as Record<string, unknown>;
    expect(facts({ ...related }, task.initial)['relatedToId']).toEqual({
      kind: 'record',
      record: 'deal',
      id: dealId,
    });
    expect(facts({ relatedToId: otherId })['relatedToId']).toMatchObject({
      record: 'deal',
      id: otherId,
    });
    expect(facts({ relatedToType: 'contact' })['relatedToId']).toMatchObject({
      record: 'contact',
      id: dealId,
    });
    expect(facts({ title: 'Mail' })).toEqual({});
    expect(facts({ relatedToType: null, relatedToId: null })).toEqual({});
  });

  it('is assigned to a user of the workspace', () => {
    const facts = { assignedToId: { status: 'absent' } };
    const { refusal } = given(task, [created]).when(change, { assignedToId: otherId }, { facts });
    expect(refusal).toMatchObject({
      code: 'REFERENCE_NOT_FOUND',
      details: [{ field: 'assignedToId' }],
    });
  });

  it('is not created twice', () => {
    const { refusal } = given(task, [created]).when(create, { title: 'Call' });
    expect(refusal?.code).toBe('ALREADY_EXISTS');
  });

  it('records only what differs', () => {
    const { events } = given(task, [created]).when(change, { title: 'Call', priority: 'urgent' });
    expect(events).toEqual([taskLife.fact('changed', SPEC_ID, { priority: 'urgent' })]);
  });

  it('refuses changes while archived or deleted', () => {
    const code = (past: typeof created) =>
      given(task, [created, past]).when(change, { title: 'X' }).refusal?.code;
    expect(code(taskLife.fact('archived', SPEC_ID))).toBe('RECORD_ARCHIVED');
    expect(code(taskLife.fact('deleted', SPEC_ID))).toBe('NOT_FOUND');
  });
});
