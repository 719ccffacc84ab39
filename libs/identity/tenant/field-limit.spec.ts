import { describe, expect, it } from '@jest/globals';
import { tenantEventTable, type TenantEvent } from '#event-schemas/identity/tenant.events';
import { given, SPEC_ID, SPEC_TENANT } from '#kernel/specification';
import { changeFieldLimit } from './change-field-limit.js';
import { tenant } from './tenant.js';

const created = {
  type: 'TenantCreated',
  data: { ...tenantEventTable.created.samples[1], tenantId: SPEC_TENANT },
} as TenantEvent;
const asked = { role: 'member', collection: 'contacts', hidden: ['phone'], readOnly: ['title'] };
const limited = {
  type: 'TenantFieldLimitChanged',
  data: { tenantId: SPEC_TENANT, ...asked },
} as TenantEvent;
const here = { id: SPEC_TENANT };

describe('limits of fields', () => {
  it('are kept for a role and a kind of record', () => {
    const done = given(tenant, [created]).when(changeFieldLimit, asked, here);
    expect(done.events).toEqual([limited]);
    expect(done.state).toMatchObject({ fieldLimits: [asked] });
    const again = given(tenant, [created, limited]).when(changeFieldLimit, asked, here);
    expect(again.events).toEqual([]);
  });

  it('are gone when they limit nothing', () => {
    const none = { ...asked, hidden: [], readOnly: [] };
    const done = given(tenant, [created, limited]).when(changeFieldLimit, none, here);
    expect(done.state).toMatchObject({ fieldLimits: [] });
    expect(given(tenant, [created]).when(changeFieldLimit, none, here).events).toEqual([]);
  });

  it('do not hold for those who could lift them', () => {
    for (const role of ['owner', 'admin']) {
      const { refusal } = given(tenant, [created]).when(changeFieldLimit, { ...asked, role }, here);
      expect(refusal).toMatchObject({ code: 'ROLE_UNLIMITED', details: [{ field: 'role' }] });
    }
  });

  it('name a role of the workspace', () => {
    const role = SPEC_ID;
    const when = (status: string) =>
      given(tenant, [created]).when(
        changeFieldLimit,
        { ...asked, role },
        { ...here, facts: { role: { status } } },
      );
    expect(when('active').events).toHaveLength(1);
    expect(when('absent').refusal?.code).toBe('ROLE_UNKNOWN');
    const unknown = given(tenant, [created]).when(
      changeFieldLimit,
      { ...asked, role: 'boss' },
      here,
    );
    expect(unknown.refusal?.code).toBe('ROLE_UNKNOWN');
  });

  it('name fields that can be limited', () => {
    const { refusal } = given(tenant, [created]).when(
      changeFieldLimit,
      { ...asked, hidden: ['firstName'], readOnly: ['nonsense'] },
      here,
    );
    expect(refusal).toMatchObject({
      code: 'FIELD_NOT_LIMITABLE',
      details: [
        { field: 'hidden', value: 'firstName' },
        { field: 'readOnly', value: 'nonsense' },
      ],
    });
  });
});
