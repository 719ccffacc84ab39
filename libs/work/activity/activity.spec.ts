import { describe, expect, it } from '@jest/globals';
import { activityLife } from '#event-schemas/work/activity.events';
import { given, SPEC_ACTOR, SPEC_ID, SPEC_NOW } from '#kernel/specification';
import { activity } from './activity.js';
import { activityCommands } from './commands.js';

const command = (name: string) => activityCommands.find((one) => one.name === name)!;
const contactId = '01890a5d-ac96-774b-bcce-b302099a8060';
const about = { relatedToType: 'contact', relatedToId: contactId };
const input = { activityType: 'call', subject: 'Asked for a demo', ...about };
const known = (status: string) => ({ facts: { relatedToId: { status } } });
const logged = activityLife.fact('created', SPEC_ID, {
  ...input,
  happenedAt: SPEC_NOW.toISOString(),
  ownerId: SPEC_ACTOR,
  tags: [],
});

describe('activity', () => {
  it('is logged about a record that exists, now unless said otherwise', () => {
    const log = command('LogActivity');
    expect(given(activity).when(log, input, known('active')).events).toEqual([logged]);
    const happenedAt = '2026-01-02T09:00:00.000Z';
    const { events } = given(activity).when(log, { ...input, happenedAt }, known('active'));
    expect(events[0]?.data).toMatchObject({ happenedAt });
  });

  it('is refused about a record that does not exist', () => {
    const { refusal } = given(activity).when(command('LogActivity'), input, known('absent'));
    expect(refusal).toMatchObject({
      code: 'REFERENCE_NOT_FOUND',
      details: [{ field: 'relatedToId' }],
    });
  });

  it('says in a change whose data it seals', () => {
    const { events } = given(activity, [logged]).when(command('ChangeActivity'), {
      outcome: 'voicemail',
    });
    expect(events).toEqual([
      activityLife.fact('changed', SPEC_ID, { relatedToId: contactId, outcome: 'voicemail' }),
    ]);
  });

  it('keeps the order of its life', () => {
    const deleted = activityLife.fact('deleted', SPEC_ID);
    const change = command('ChangeActivity');
    const { refusal } = given(activity, [logged, deleted]).when(change, { outcome: 'x' });
    expect(refusal?.code).toBe('NOT_FOUND');
  });
});
