import {
  choice,
  email,
  flag,
  instant,
  integer,
  list,
  object,
  optional,
  recordFields,
  text,
  uuid,
} from '#kernel/fields';
import { recordLife } from '#kernel/record-life';

const personal = { personal: true } as const;

/** The fields of a contact or lead, as commands, events and read models share them. */
export const contactFields = recordFields(
  {
    firstName: text(100, { ...personal, examples: ['Ada'] }),
    lastName: text(100, { ...personal, examples: ['Lovelace'] }),
  },
  {
    email: email(personal),
    phone: text(50, personal),
    mobile: text(50, personal),
    title: text(100, { ...personal, description: 'Position, for example head of purchasing.' }),
    department: text(100),
    companyId: uuid({ description: 'Company the contact works for.' }),
    contactStatus: choice(['active', 'inactive', 'bounced'], {
      description: 'Whether the contact can be reached; active when left out.',
    }),
    leadSource: text(100, { description: 'Where the contact came from.' }),
    leadStatus: choice(['new', 'contacted', 'qualified', 'unqualified'], {
      description: 'How far the lead has been worked.',
    }),
    lifecycleStage: choice(['lead', 'mql', 'sql', 'opportunity', 'customer'], {
      description: 'Where the contact stands on the way to being a customer.',
    }),
    leadScore: integer(0, 100, { description: 'How promising the lead is; 0 when left out.' }),
    lastContactedAt: instant({ description: 'When somebody last was in touch.' }),
    addressStreet: text(255, personal),
    addressCity: text(100, personal),
    addressState: text(100, personal),
    addressPostalCode: text(20, personal),
    addressCountry: text(100, personal),
    socialLinkedin: text(255, personal),
    socialTwitter: text(255, personal),
    socialFacebook: text(255, personal),
    socialProfiles: list(object({ network: text(50), address: text(255) }), 20, {
      ...personal,
      description: 'Profiles in other networks.',
    }),
    preferences: object(
      {
        channel: optional(choice(['email', 'phone', 'sms', 'chat', 'post'])),
        language: optional(text(35, { description: 'BCP 47 tag, for example de-AT.' })),
        timeZone: optional(text(64, { description: 'IANA name, for example Europe/Vienna.' })),
        doNotEmail: optional(flag()),
        doNotCall: optional(flag()),
        interests: optional(list(text(100), 50)),
      },
      { ...personal, title: 'ContactPreferences', description: 'How and about what to write.' },
    ),
    about: text(10_000, { ...personal, description: 'Anything else worth knowing.' }),
  },
);

const NETWORKS = {
  linkedin: 'socialLinkedin',
  twitter: 'socialTwitter',
  facebook: 'socialFacebook',
} as const;

/**
 * Version 1 kept every network in one object, `socialProfiles: { linkedin, xing, … }`, which was
 * always replaced as a whole. Since version 2 three of them are fields and the rest is a list.
 */
function spreadSocialProfiles(data: Record<string, unknown>): Record<string, unknown>[] {
  const { socialProfiles, ...rest } = data;
  if (socialProfiles === undefined) return [rest];
  const profiles = (socialProfiles ?? {}) as Record<string, string | null>;
  const fields = Object.entries(NETWORKS).map(([key, name]) => [name, profiles[key] ?? null]);
  const others = Object.entries(profiles)
    .filter(([network, address]) => address && !(network in NETWORKS))
    .map(([network, address]) => ({ network, address }));
  const list = others.length > 0 ? others : null;
  return [{ ...rest, ...Object.fromEntries(fields), socialProfiles: list }];
}

const CONTACT_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

export const contactLife = recordLife({
  record: 'contact',
  names: {
    created: 'ContactCreated',
    changed: 'ContactChanged',
    archived: 'ContactArchived',
    restored: 'ContactRestored',
    deleted: 'ContactDeleted',
    tagsChanged: 'ContactTagsChanged',
    ownerChanged: 'ContactOwnerChanged',
    shared: 'ContactShared',
    sharingEnded: 'ContactSharingEnded',
  },
  fields: contactFields,
  subject: 'self',
  samples: {
    created: {
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@example.com',
      contactStatus: 'active',
      leadScore: 40,
      socialLinkedin: 'https://www.linkedin.com/in/ada',
      socialProfiles: [{ network: 'xing', address: 'Ada_Lovelace' }],
      preferences: { channel: 'email', language: 'en', interests: ['engines'] },
    },
    changed: { lifecycleStage: 'customer', socialTwitter: '@ada', phone: null },
  },
  overrides: {
    created: {
      version: 2,
      upcasters: { 1: spreadSocialProfiles },
      samples: {
        1: {
          contactId: CONTACT_ID,
          ownerId: null,
          tags: [],
          firstName: 'Ada',
          lastName: 'Lovelace',
          email: 'ada@example.com',
          contactStatus: 'active',
          leadScore: 40,
          socialProfiles: { linkedin: 'https://www.linkedin.com/in/ada', xing: 'Ada_Lovelace' },
        },
      },
    },
    changed: {
      version: 2,
      upcasters: { 1: spreadSocialProfiles },
      samples: { 1: { contactId: CONTACT_ID, phone: null, socialProfiles: { twitter: '@ada' } } },
    },
  },
});

export type ContactEvent = Parameters<typeof contactLife.foldState>[1];
export const contactEvents = contactLife.events;
