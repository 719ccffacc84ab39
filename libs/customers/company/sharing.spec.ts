import { describe, expect, it } from '@jest/globals';
import { companyLife } from '#event-schemas/customers/company.events';
import { MAX_SHARES, shareFor, sharesOf, type Share } from '#kernel/sharing';
import { given, SPEC_ACTOR, SPEC_ID, SPEC_NOW } from '#kernel/specification';
import { companyCommands } from './commands.js';
import { company } from './company.js';

const command = (name: string) => companyCommands.find((one) => one.name === name)!;
const share = command('ShareCompany');
const end = command('EndCompanySharing');
const created = companyLife.fact('created', SPEC_ID, { name: 'Hooli', ownerId: null, tags: [] });
const granteeId = SPEC_ACTOR;
const person = { facts: { user: { status: 'active' }, team: { status: 'absent' } } };
const later = '2026-02-01T00:00:00.000Z';
const shared = (more: Partial<Share> = {}) =>
  companyLife.fact('shared', SPEC_ID, {
    granteeType: 'user',
    granteeId,
    access: 'read',
    until: null,
    ...more,
  });

describe('sharing a company', () => {
  it('opens it to a person or a team, for good or until an instant', () => {
    const toPerson = given(company, [created]).when(share, { granteeId, access: 'read' }, person);
    expect(toPerson.events).toEqual([shared()]);
    const team = { facts: { user: { status: 'absent' }, team: { status: 'active' } } };
    const input = { granteeId, access: 'change', until: later };
    const toTeam = given(company, [created]).when(share, input, team);
    expect(toTeam.events).toEqual([
      shared({ granteeType: 'team', access: 'change', until: later }),
    ]);
  });

  it('says so once, and again when it changes', () => {
    const before = given(company, [created, shared()]);
    expect(before.when(share, { granteeId, access: 'read' }, person).events).toEqual([]);
    const more = before.when(share, { granteeId, access: 'change' }, person);
    expect(sharesOf(more.state)).toEqual([
      { granteeType: 'user', granteeId, access: 'change', until: null },
    ]);
  });

  it.each([
    ['nobody of the workspace', { user: { status: 'absent' }, team: { status: 'absent' } }],
    ['who is deactivated', { user: { status: 'archived' }, team: { status: 'absent' } }],
    ['a deleted team', { user: { status: 'absent' }, team: { status: 'deleted' } }],
  ])('refuses %s, by the name of the field', (_who, facts) => {
    const { refusal } = given(company, [created]).when(
      share,
      { granteeId, access: 'read' },
      { facts },
    );
    expect(refusal).toMatchObject({
      code: 'REFERENCE_NOT_FOUND',
      details: [{ field: 'granteeId', rule: 'reference', value: granteeId }],
    });
  });

  it('refuses an end that has passed', () => {
    const input = { granteeId, access: 'read', until: SPEC_NOW.toISOString() };
    const { refusal } = given(company, [created]).when(share, input, person);
    expect(refusal).toMatchObject({ code: 'SHARE_ENDS_IN_PAST', details: [{ field: 'until' }] });
  });

  it('has a limit, which a change of a share does not meet', () => {
    const full = Array.from({ length: MAX_SHARES }, (_, n) => shared({ granteeId: `person-${n}` }));
    const crowd = given(company, [created, ...full]);
    const { refusal } = crowd.when(share, { granteeId, access: 'read' }, person);
    expect(refusal).toMatchObject({
      code: 'SHARE_LIMIT',
      details: [{ field: 'granteeId', rule: 'limit' }],
    });
    const known = { granteeId: 'person-7', access: 'change' };
    expect(crowd.when(share, known, person).events).toHaveLength(1);
  });

  it('is taken back once', () => {
    const taken = given(company, [created, shared()]).when(end, { granteeId });
    expect(taken.events).toEqual([companyLife.fact('sharingEnded', SPEC_ID, { granteeId })]);
    expect(sharesOf(taken.state)).toEqual([]);
    expect(given(company, [created]).when(end, { granteeId }).events).toEqual([]);
  });

  it.each([share, end])('needs an active company: $name', (one) => {
    const input = { granteeId, access: 'read' };
    const code = (...past: (typeof created)[]) =>
      given(company, past).when(one, input, person).refusal?.code;
    expect(code(created, companyLife.fact('archived', SPEC_ID))).toBe('RECORD_ARCHIVED');
    expect(code(created, companyLife.fact('deleted', SPEC_ID))).toBe('NOT_FOUND');
    expect(code()).toBe('NOT_FOUND');
  });

  it('holds for one of a person’s ids until it ends, the right to change first', () => {
    const of = (id: string, access: 'read' | 'change', until: string | null): Share => ({
      granteeType: 'team',
      granteeId: id,
      access,
      until,
    });
    const shares = [of('a', 'read', null), of('b', 'change', later), of('c', 'change', null)];
    const before = new Date(Date.parse(later) - 1);
    expect(shareFor(shares, ['a', 'b'], before)).toBe(shares[1]);
    expect(shareFor(shares, ['a', 'b'], new Date(later))).toBe(shares[0]);
    expect(shareFor(shares, ['d'], before)).toBeUndefined();
  });
});
