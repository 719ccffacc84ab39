import { describe, expect, it } from '@jest/globals';
import { companyLife, type CompanyEvent } from '#event-schemas/customers/company.events';
import { rowOf, SPEC_ACTOR as granteeId, SPEC_ID } from '#kernel/specification';
import { companies } from './companies.js';

const created = companyLife.fact('created', SPEC_ID, { name: 'Hooli', ownerId: null, tags: [] });
const share = { granteeType: 'user', granteeId, access: 'read', until: null };
const shared = companyLife.fact('shared', SPEC_ID, share);
const ended = companyLife.fact('sharingEnded', SPEC_ID, { granteeId });
const row = (...events: CompanyEvent[]) => rowOf(companies, events);

describe('companies', () => {
  it('show whom they are shared with, and no longer when it ends', () => {
    expect(row(created)).toMatchObject({ shares: [], sharedWith: [] });
    expect(row(created, shared)).toMatchObject({ shares: [share], sharedWith: [granteeId] });
    expect(row(created, shared, ended)).toMatchObject({ shares: [], sharedWith: [] });
  });
});
