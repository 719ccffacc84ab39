import { describe, expect, it } from '@jest/globals';
import { contactLife } from '#event-schemas/customers/contact.events';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { contactCommands } from './commands.js';
import { contact } from './contact.js';

const command = (name: string) => contactCommands.find((one) => one.name === name)!;
const create = command('CreateContact');
const change = command('ChangeContact');
const ada = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' };
const defaults = { contactStatus: 'active', leadScore: 0 };
const created = contactLife.fact('created', SPEC_ID, {
  ...ada,
  ...defaults,
  ownerId: SPEC_ACTOR,
  tags: [],
});
const otherId = '01890a5d-ac96-774b-bcce-b302099a8099';
const twin = [{ id: otherId, label: 'Ada Lovelace' }];

describe('contact', () => {
  it('is created active, without a score, with the caller as owner', () => {
    expect(given(contact).when(create, ada).events).toEqual([created]);
  });

  it('is created with the values given', () => {
    const input = { ...ada, contactStatus: 'inactive', leadScore: 80, tags: ['vip', 'vip'] };
    const { state } = given(contact).when(create, { ...input, ownerId: null });
    expect(state).toMatchObject({
      ownerId: null,
      tags: ['vip'],
      values: { contactStatus: 'inactive', leadScore: 80 },
    });
  });

  it('is refused when the mailbox belongs to another contact', () => {
    const { refusal } = given(contact).when(create, ada, { facts: { duplicate0: twin } });
    expect(refusal).toMatchObject({
      code: 'DUPLICATE',
      details: [{ field: 'email', value: otherId }],
    });
  });

  it('is created in spite of it when asked to', () => {
    const input = { ...ada, allowDuplicate: true };
    const { events, outcome } = given(contact).when(create, input, {
      facts: { duplicate0: twin },
    });
    expect(events).toEqual([created]);
    expect(JSON.stringify(outcome.warnings)).not.toContain('Lovelace');
    expect(outcome.warnings?.[0]).toMatchObject({
      code: 'POSSIBLE_DUPLICATE',
      records: [{ id: otherId }],
    });
  });

  it('warns of the same name at the same company', () => {
    const { outcome } = given(contact).when(
      create,
      { ...ada, companyId: otherId },
      { facts: { companyId: { status: 'active' }, duplicate1: twin } },
    );
    expect(outcome.events).toHaveLength(1);
    expect(outcome.warnings?.[0]).toMatchObject({
      code: 'POSSIBLE_DUPLICATE',
      records: [{ id: otherId }],
    });
  });

  it('looks for duplicates by mailbox, and by name within a company', () => {
    const facts = (input: object) => create.facts!(input as never, undefined as never, {} as never);
    expect(facts(ada)).toEqual({
      duplicate0: { kind: 'matches', readModel: 'contacts', where: { email: 'ada@example.com' } },
    });
    expect(facts({ ...ada, companyId: otherId })).toMatchObject({
      duplicate1: { where: { firstName: 'Ada', lastName: 'Lovelace', companyId: otherId } },
    });
  });

  it('is not created twice', () => {
    const { refusal } = given(contact, [created]).when(create, ada);
    expect(refusal?.code).toBe('ALREADY_EXISTS');
  });

  it('works for a company of the workspace only', () => {
    const facts = { companyId: { status: 'absent' } };
    const known = (status: string) => ({ facts: { companyId: { status } } });
    const input = { companyId: otherId };
    expect(given(contact).when(create, { ...ada, ...input }, { facts }).refusal?.code).toBe(
      'REFERENCE_NOT_FOUND',
    );
    const past = given(contact, [created]);
    expect(past.when(change, input, known('deleted')).refusal?.code).toBe('REFERENCE_NOT_FOUND');
    expect(past.when(change, input, known('active')).events).toEqual([
      contactLife.fact('changed', SPEC_ID, input),
    ]);
  });

  it('records only what differs, and clears what is null', () => {
    const { events, state } = given(contact, [created]).when(change, {
      firstName: 'Ada',
      email: null,
      lifecycleStage: 'customer',
      preferences: { channel: 'email' },
    });
    expect(events).toEqual([
      contactLife.fact('changed', SPEC_ID, {
        email: null,
        lifecycleStage: 'customer',
        preferences: { channel: 'email' },
      }),
    ]);
    expect(state).toMatchObject({ values: { firstName: 'Ada', email: null } });
  });

  it('refuses changes while archived, deleted or absent', () => {
    const code = (...past: (typeof created)[]) =>
      given(contact, past).when(change, { leadScore: 1 }).refusal?.code;
    expect(code(created, contactLife.fact('archived', SPEC_ID))).toBe('RECORD_ARCHIVED');
    expect(code(created, contactLife.fact('deleted', SPEC_ID))).toBe('NOT_FOUND');
    expect(code()).toBe('NOT_FOUND');
  });

  it('refuses an owner who is no user of the workspace', () => {
    const { refusal } = given(contact, [created]).when(
      command('ChangeContactOwner'),
      { ownerId: otherId },
      { facts: { ownerId: { status: 'absent' } } },
    );
    expect(refusal?.code).toBe('REFERENCE_NOT_FOUND');
  });
});
