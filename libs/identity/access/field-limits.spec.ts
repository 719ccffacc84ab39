import { describe, expect, it } from '@jest/globals';
import type { Grants } from '#kernel/context';
import { fieldRightsOf, limitables, withoutLifting } from './field-limits.js';

const held = (role: string, ...names: string[]) => ({
  role,
  grants: Object.fromEntries(names.map((name) => [name, 'all'])) as Grants,
});
const limit = (
  role: string,
  hidden: string[],
  readOnly: string[] = [],
  collection = 'contacts',
) => ({
  role,
  collection,
  hidden,
  readOnly,
});
const member = held('member', 'contacts:read', 'contacts:update', 'deals:read', 'deals:update');

describe('the fields a person may not see or not change', () => {
  it('are none without a limit', () => {
    expect(fieldRightsOf([], [member])).toEqual({});
    expect(fieldRightsOf([limit('viewer', ['phone'])], [member])).toEqual({});
  });

  it('are those of the role', () => {
    expect(fieldRightsOf([limit('member', ['phone'], ['title'])], [member])).toEqual({
      contact: { hidden: ['phone'], locked: ['phone', 'title'] },
    });
  });

  it('are open again by another role that grants the records without the limit', () => {
    const limits = [limit('member', ['phone', 'mobile'], ['title'])];
    expect(fieldRightsOf(limits, [member, held('sales', 'contacts:read')])).toEqual({
      contact: { hidden: [], locked: ['phone', 'mobile', 'title'] },
    });
    const care = held('care', 'contacts:read', 'contacts:update');
    expect(fieldRightsOf(limits, [member, care])).toEqual({});
    expect(fieldRightsOf([...limits, limit('care', ['phone'])], [member, care])).toEqual({
      contact: { hidden: ['phone'], locked: ['phone'] },
    });
  });

  it('stay those of the role beside one that grants other records', () => {
    const other = held('other', 'companies:read', 'companies:update');
    expect(fieldRightsOf([limit('member', ['phone'])], [member, other])).toMatchObject({
      contact: { hidden: ['phone'] },
    });
  });

  it('take along what follows from them', () => {
    expect(fieldRightsOf([limit('member', ['amount'], [], 'deals')], [member])).toEqual({
      deal: {
        hidden: ['amount', 'weightedAmount', 'lineItems'],
        locked: ['amount', 'weightedAmount', 'lineItems'],
      },
    });
  });

  it('are never what every record has', () => {
    expect(limitables['contacts']!.hideable).not.toContain('firstName');
    expect(limitables['contacts']!.lockable).toContain('firstName');
  });

  it('cannot be lifted by whom they limit', () => {
    const roles = ['roles:update', 'identityProviders:update', 'scimConnections:create'];
    const log = ['audit:export', 'tenant:export'];
    const { grants } = held('mixed', ...roles, ...log, 'users:administer', 'deals:read');
    expect(withoutLifting(grants)).toEqual({ 'deals:read': 'all' });
  });
});
