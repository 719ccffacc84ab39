import { describe, expect, it } from '@jest/globals';
import { companyLife } from '#event-schemas/customers/company.events';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { companyCommands } from './commands.js';
import { company } from './company.js';

const command = (name: string) => companyCommands.find((one) => one.name === name)!;
const created = companyLife.fact('created', SPEC_ID, { name: 'Hooli', ownerId: null, tags: [] });
const archived = companyLife.fact('archived', SPEC_ID);
const deleted = companyLife.fact('deleted', SPEC_ID);
const parentId = '01890a5d-ac96-774b-bcce-b302099a8099';

describe('company', () => {
  it('is created with the caller as owner', () => {
    const { events } = given(company).when(command('CreateCompany'), { name: 'Hooli' });
    expect(events).toEqual([
      companyLife.fact('created', SPEC_ID, { name: 'Hooli', ownerId: SPEC_ACTOR, tags: [] }),
    ]);
  });

  it('is not created twice', () => {
    const { refusal } = given(company, [created]).when(command('CreateCompany'), { name: 'Hooli' });
    expect(refusal?.code).toBe('ALREADY_EXISTS');
  });

  it('warns of a company with the same name', () => {
    const match = { id: parentId, label: 'Hooli' };
    const { outcome } = given(company).when(
      command('CreateCompany'),
      { name: 'Hooli' },
      { facts: { duplicate0: [match] } },
    );
    expect(outcome.warnings?.[0]).toMatchObject({
      code: 'POSSIBLE_DUPLICATE',
      records: [{ id: match.id }],
    });
  });

  it('records only what differs', () => {
    const { events } = given(company, [created]).when(command('ChangeCompany'), {
      name: 'Hooli',
      industry: 'software',
      tags: ['vip'],
    });
    expect(events).toEqual([
      companyLife.fact('changed', SPEC_ID, { industry: 'software' }),
      companyLife.fact('tagsChanged', SPEC_ID, { added: ['vip'], removed: [] }),
    ]);
  });

  it('refuses changes while archived or deleted, and takes them after restore', () => {
    const change = command('ChangeCompany');
    expect(given(company, [created, archived]).when(change, { name: 'X' }).refusal?.code).toBe(
      'RECORD_ARCHIVED',
    );
    expect(given(company, [created, deleted]).when(change, { name: 'X' }).refusal?.code).toBe(
      'NOT_FOUND',
    );
    const restored = given(company, [created, deleted]).when(command('RestoreCompany'));
    expect(restored.state.status).toBe('active');
  });

  it('refuses an owner who is no user of the workspace', () => {
    const { refusal } = given(company, [created]).when(
      command('ChangeCompanyOwner'),
      { ownerId: parentId },
      { facts: { ownerId: { status: 'absent' } } },
    );
    expect(refusal).toMatchObject({ code: 'REFERENCE_NOT_FOUND', details: [{ field: 'ownerId' }] });
  });

  it('belongs to a parent, but never to itself or a subsidiary', () => {
    const change = command('ChangeCompany');
    const facts = { parentId: { status: 'active' }, chain: [parentId] };
    const moved = given(company, [created]).when(change, { parentId }, { facts });
    expect(moved.events).toEqual([companyLife.fact('changed', SPEC_ID, { parentId })]);
    const cycle = given(company, [created]).when(
      change,
      { parentId },
      { facts: { ...facts, chain: [parentId, SPEC_ID] } },
    );
    expect(cycle.refusal?.code).toBe('PARENT_CYCLE');
  });
});
