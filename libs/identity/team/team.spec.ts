import { describe, expect, it } from '@jest/globals';
import { teamLife, type TeamEvent } from '#event-schemas/identity/team.events';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { MAX_MEMBERS } from './add-team-member.js';
import { teamCommands } from './commands.js';
import { team } from './team.js';

const command = (name: string) => teamCommands.find((one) => one.name === name)!;
const created = teamLife.fact('created', SPEC_ID, { name: 'Sales', ownerId: null, tags: [] });
const archived = teamLife.fact('archived', SPEC_ID);
const userId = SPEC_ACTOR;
const added: TeamEvent = { type: 'TeamMemberAdded', data: { teamId: SPEC_ID, userId } };
const known = { facts: { userId: { status: 'active' }, managerId: { status: 'active' } } };

describe('team', () => {
  it('is created without members, under a manager who exists', () => {
    const create = given(team).when(
      command('CreateTeam'),
      { name: 'Sales', managerId: userId },
      known,
    );
    expect(create.state).toMatchObject({ values: { managerId: userId }, memberIds: [] });
    const stranger = given(team).when(
      command('CreateTeam'),
      { name: 'Sales', managerId: userId },
      { facts: { managerId: { status: 'absent' } } },
    );
    expect(stranger.refusal).toMatchObject({
      code: 'REFERENCE_NOT_FOUND',
      details: [{ field: 'managerId' }],
    });
  });

  it('takes people in once and lets them go once', () => {
    const add = given(team, [created]).when(command('AddTeamMember'), { userId }, known);
    expect(add.events).toEqual([added]);
    expect(add.state).toMatchObject({ memberIds: [userId] });
    const full = given(team, [created, added]);
    expect(full.when(command('AddTeamMember'), { userId }, known).events).toEqual([]);
    const remove = full.when(command('RemoveTeamMember'), { userId });
    expect(remove.events).toEqual([{ type: 'TeamMemberRemoved', data: added.data }]);
    expect(remove.state).toMatchObject({ memberIds: [] });
    const again = given(team, [created]).when(command('RemoveTeamMember'), { userId });
    expect(again.events).toEqual([]);
  });

  it('takes in nobody who is unknown', () => {
    const { refusal } = given(team, [created]).when(
      command('AddTeamMember'),
      { userId },
      { facts: { userId: { status: 'absent' } } },
    );
    expect(refusal?.code).toBe('REFERENCE_NOT_FOUND');
  });

  it('has room for a limited number of people', () => {
    const crowd = Array.from({ length: MAX_MEMBERS }, (_, n): TeamEvent => ({
      type: 'TeamMemberAdded',
      data: { teamId: SPEC_ID, userId: `member-${n}` },
    }));
    const { refusal } = given(team, [created, ...crowd]).when(
      command('AddTeamMember'),
      { userId },
      known,
    );
    expect(refusal?.code).toBe('TEAM_FULL');
  });

  it('changes hands, also to nobody, and keeps its members', () => {
    const change = command('ChangeTeamManager');
    const led = given(team, [created, added]).when(change, { managerId: userId }, known);
    expect(led.events).toEqual([
      { type: 'TeamManagerChanged', data: { teamId: SPEC_ID, managerId: userId } },
    ]);
    expect(led.state).toMatchObject({ values: { managerId: userId }, memberIds: [userId] });
    const alone = given(team, [created, ...led.events]).when(change, { managerId: null });
    expect(alone.state).toMatchObject({ values: { managerId: null } });
    expect(given(team, [created]).when(change, { managerId: null }).events).toEqual([]);
  });

  it.each(['AddTeamMember', 'RemoveTeamMember', 'ChangeTeamManager'])(
    'refuses %s while archived or unknown',
    (name) => {
      const input = { userId, managerId: userId };
      const aside = given(team, [created, archived]).when(command(name), input, known);
      expect(aside.refusal?.code).toBe('RECORD_ARCHIVED');
      expect(given(team).when(command(name), input, known).refusal?.code).toBe('NOT_FOUND');
    },
  );

  it('keeps its members through archive and restore', () => {
    const { state } = given(team, [created, added, archived]).when(command('RestoreTeam'));
    expect(state).toMatchObject({ status: 'active', memberIds: [userId] });
  });
});
