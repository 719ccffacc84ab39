import { diagnose, reasonText, warningsOf } from './diagnosis';
import { domainsOf, issuerOf, presetOf } from './presets';
import type { Attempt, Provider, Setup } from './providers';

const provider = {
  kind: 'saml',
  entityId: 'https://idp.hooli.com',
  domains: ['hooli.com'],
  groupRoles: [{ group: 'crm', role: 'member' }],
} as unknown as Provider;
const setup = { entityId: 'https://crm/metadata', acsUrl: 'https://crm/acs' } as Setup;
const refused = (reason: string, found: string | null = null) =>
  ({ result: 'refused', reason, found, person: null }) as Attempt;
const tested = (email: string | null, role: string | null) =>
  ({ result: 'tested', person: { email, role, groups: [] } }) as unknown as Attempt;

describe('what was wrong with an attempt', () => {
  it('names what was expected and what was found', () => {
    expect(diagnose(refused('issuer_wrong', 'https://other'), provider, setup)).toMatchObject({
      expected: 'https://idp.hooli.com',
      found: 'https://other',
    });
    expect(diagnose(refused('audience_wrong'), provider, setup).expected).toBe(setup.entityId);
    expect(diagnose(refused('recipient_wrong'), provider, setup).expected).toBe(setup.acsUrl);
    expect(diagnose(refused('time_invalid'), provider, setup).remedy).toContain('clocks');
  });

  it('has words for a reason it does not know', () => {
    expect(diagnose(refused('of_tomorrow'), provider, setup).what).toBe(reasonText('else'));
  });

  it('warns of what would keep somebody out who was tested', () => {
    expect(warningsOf(tested('gavin@hooli.com', 'member'), provider)).toEqual([]);
    expect(warningsOf(tested('gavin@else.com', null), provider)).toHaveLength(2);
    expect(warningsOf(tested(null, 'member'), provider)).toEqual([reasonText('email_missing')]);
  });
});

describe('setting a provider up', () => {
  it('takes domains as they are typed', () => {
    expect(domainsOf('Hooli.com, @hooli.co.uk\nhooli.com')).toEqual(['hooli.com', 'hooli.co.uk']);
  });

  it('knows the issuer where it is the same for everybody', () => {
    expect(issuerOf(presetOf('oidc', 'google'))).toBe('https://accounts.google.com');
    expect(issuerOf(presetOf('oidc', 'okta'))).toBe('');
    expect(presetOf('saml', null).kind).toBe('saml');
  });
});
