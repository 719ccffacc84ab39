import { describe, expect, it } from '@jest/globals';
import { planTypes } from '#event-schemas/identity/tenant.events';
import { systemRoles } from '../access/roles.js';
import { featureNames, features, hasFeature, withheldBy } from './features.js';

describe('features of plans', () => {
  it('B1 a larger plan has all that a smaller one has, and the largest has everything', () => {
    const counts = planTypes.map((plan) => featureNames.filter((one) => hasFeature(plan, one)));
    expect(counts.map((held) => held.length)).toEqual([0, 2, 4, 5]);
    for (const [index, held] of counts.slice(1).entries()) {
      expect(held).toEqual(expect.arrayContaining(counts[index]!));
    }
    expect(withheldBy('enterprise')).toEqual({});
  });

  it('B1 withholds what needs the feature, and names feature, plan and remedy', () => {
    expect(withheldBy('starter')['identityProviders:create']).toMatchObject({
      code: 'FEATURE_NOT_IN_PLAN',
      category: 'forbidden',
      message: 'The plan starter has no single sign-on.',
      details: [
        {
          field: 'planType',
          rule: 'plan',
          remedy: 'Ask whoever operates the platform for the plan business or a larger one.',
          value: 'singleSignOn',
        },
      ],
    });
    expect(withheldBy('starter')['apiKeys:create']!.message).toBe(
      'The plan starter has no API keys.',
    );
    expect(Object.keys(withheldBy('business'))).toEqual([...features.provisioning.permissions]);
  });

  it('B1 never withholds reading or deleting, and only what an owner may do otherwise', () => {
    for (const permission of Object.keys(withheldBy('starter'))) {
      expect(permission).not.toMatch(/:(read|delete)$/);
      expect(systemRoles.owner.grants).toHaveProperty(permission);
    }
  });
});
