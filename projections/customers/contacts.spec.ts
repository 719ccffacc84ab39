import { describe, expect, it } from '@jest/globals';
import { contactLife } from '#event-schemas/customers/contact.events';
import { rowOf, SPEC_ID } from '#kernel/specification';
import { contacts } from './contacts.js';

const created = (firstName: string | null, lastName: string | null) =>
  contactLife.fact('created', SPEC_ID, { firstName, lastName, ownerId: null, tags: ['vip'] });

describe('contacts', () => {
  it('are recognised by their full name', () => {
    expect(contacts.label).toBe('fullName');
    expect(rowOf(contacts, [created('Ada', 'Byron')])).toMatchObject({ fullName: 'Ada Byron' });
    const married = contactLife.fact('changed', SPEC_ID, { lastName: 'Lovelace' });
    expect(rowOf(contacts, [created('Ada', 'Byron'), married])).toMatchObject({
      fullName: 'Ada Lovelace',
      lastName: 'Lovelace',
      tags: ['vip'],
    });
  });

  it('have no name once they are erased', () => {
    expect(rowOf(contacts, [created(null, null)])).toMatchObject({ fullName: null });
  });

  it('fill exactly the declared columns', () => {
    const standard = ['ownerId', 'tags', 'archivedAt', 'deletedAt'];
    const declared = [...Object.keys(contacts.columns), ...standard].sort();
    expect(Object.keys(rowOf(contacts, [created('Ada', 'Byron')])!).sort()).toEqual(declared);
  });
});
