import { describe, expect, it } from '@jest/globals';
import { identityProviderLife } from '#event-schemas/identity/identity-provider.events';
import { fold } from '#kernel/aggregate';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { testCertificate } from '#test/support/certificates';
import { systemRoles } from '../access/roles.js';
import { person } from '../user/people.fixture.js';
import { user } from '../user/user.js';
import { identityProviderCommands } from './commands.js';
import { identityProvider } from './identity-provider.js';

const command = (name: string) => identityProviderCommands.find((one) => one.name === name)!;
const input = { name: 'Hooli', kind: 'saml', domains: ['hooli.com'] };
const complete = {
  ...input,
  isActive: true,
  entityId: 'https://idp.hooli.com',
  signOnUrl: 'https://idp.hooli.com/sso',
};
const { certificate } = testCertificate('idp');
const created = identityProviderLife.fact('created', SPEC_ID, {
  ...input,
  ownerId: null,
  tags: [],
});

const admin = { grants: systemRoles.admin.grants };

describe('an identity provider', () => {
  it('may be incomplete until it is active', () => {
    const create = command('CreateIdentityProvider');
    expect(given(identityProvider).when(create, input, admin).refusal).toBeUndefined();
    const { refusal } = given(identityProvider).when(create, { ...input, isActive: true }, admin);
    expect(refusal).toMatchObject({
      code: 'PROVIDER_INCOMPLETE',
      details: [{ field: 'entityId' }, { field: 'signOnUrl' }, { field: 'certificates' }],
    });
    const oidc = { ...input, kind: 'oidc', domains: [], isActive: true };
    const other = given(identityProvider).when(create, oidc, admin);
    expect(other.refusal).toMatchObject({
      details: [{ field: 'domains' }, { field: 'issuerUrl' }, { field: 'clientId' }],
    });
    const certificates = [certificate];
    const whole = given(identityProvider).when(create, { ...complete, certificates }, admin);
    expect(whole.refusal).toBeUndefined();
  });

  it('takes certificates with an RSA key of 2048 bits or more', () => {
    const weak = testCertificate('weak', 1024).certificate;
    for (const one of ['no certificate', weak]) {
      const certificates = [certificate, one];
      const { refusal } = given(identityProvider, [created]).when(
        command('ChangeIdentityProvider'),
        { certificates },
        admin,
      );
      expect(refusal).toMatchObject({
        code: 'CERTIFICATE_INVALID',
        details: [{ field: 'certificates', message: expect.stringContaining('Certificate 2') }],
      });
    }
  });

  it('is forced only while an active owner keeps a password', () => {
    const forced = {
      ...complete,
      certificates: [certificate],
      isForced: true,
      breakGlassIds: [SPEC_ACTOR],
    };
    const create = command('CreateIdentityProvider');
    const by = (role: 'owner' | 'admin', status: 'active' | 'invited' = 'active') =>
      given(identityProvider).when(create, forced, {
        ...admin,
        facts: {
          [`breakGlass:${SPEC_ACTOR}`]: fold(user, [person({ userId: SPEC_ACTOR, role, status })]),
        },
      });
    expect(by('owner').refusal).toBeUndefined();
    expect(by('admin').refusal?.code).toBe('BREAK_GLASS_MISSING');
    expect(by('owner', 'invited').refusal?.code).toBe('BREAK_GLASS_MISSING');
  });

  it('keeps that a secret changed and a sign-in was refused, and no secret', () => {
    const known = given(identityProvider, [created]);
    const changed = known.when(command('RecordSecretChange'), {}, admin);
    expect(changed.events[0]).toEqual({
      type: 'IdentityProviderSecretChanged',
      data: { identityProviderId: SPEC_ID },
    });
    expect(changed.state).toMatchObject({ hasSecret: true });
    const refused = known.when(command('RecordRefusedSignIn'), { reason: 'replayed' });
    expect(refused.events[0]).toMatchObject({ data: { reason: 'replayed' } });
    expect(refused.state).toEqual(known.state);
  });

  it('ties a person to one identity, which nobody else can hold', () => {
    const issuer = 'https://idp.hooli.com';
    const identity = { identityProviderId: SPEC_ACTOR, issuer, subject: 'gavin' };
    const { events, outcome } = given(user, [person()]).when(command('LinkIdentity'), identity);
    expect(events[0]).toMatchObject({ type: 'UserIdentityLinked' });
    expect(JSON.stringify(events)).not.toContain(issuer);
    expect(outcome.take).toEqual([
      { scope: 'sso-identity', value: JSON.stringify([SPEC_ACTOR, issuer, 'gavin']) },
    ]);
  });
});
