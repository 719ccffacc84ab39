import { describe, expect, it } from '@jest/globals';
import { contactEvents } from './contact.events.js';

const [created, changed] = contactEvents;
const upcast = (data: Record<string, unknown>) => created!.upcasters[1]!(data);

describe('contact events of version 1', () => {
  it('become version 2: known networks are fields, others a list', () => {
    const { socialProfiles: _profiles, ...rest } = created!.samples[1]!;
    expect(upcast(created!.samples[1]!)).toEqual([
      {
        ...rest,
        socialLinkedin: 'https://www.linkedin.com/in/ada',
        socialTwitter: null,
        socialFacebook: null,
        socialProfiles: [{ network: 'xing', address: 'Ada_Lovelace' }],
      },
    ]);
  });

  it('replace every network at once when they change, and clear them when null', () => {
    expect(changed!.upcasters[1]!(changed!.samples[1]!)).toEqual([
      {
        contactId: expect.any(String),
        phone: null,
        socialLinkedin: null,
        socialTwitter: '@ada',
        socialFacebook: null,
        socialProfiles: null,
      },
    ]);
    expect(upcast({ socialProfiles: null })).toEqual([
      { socialLinkedin: null, socialTwitter: null, socialFacebook: null, socialProfiles: null },
    ]);
  });

  it('stay as they are without networks', () => {
    expect(upcast({ firstName: 'Ada' })).toEqual([{ firstName: 'Ada' }]);
  });

  it('are sealed under the contact, whatever the version', () => {
    expect(created).toMatchObject({ version: 2, subject: 'contactId' });
    expect(created!.personal).toEqual(
      expect.arrayContaining(['about', 'email', 'firstName', 'lastName', 'socialProfiles']),
    );
    expect(created!.personal).toEqual(changed!.personal);
    expect(Object.keys(created!.samples)).toEqual(['1', '2']);
  });
});
