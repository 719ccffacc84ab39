/** Where the service is, below the public address. */
export const SCIM_PREFIX = '/scim/v2';

/** An attribute as RFC 7643, section 7 describes it. */
export interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex' | 'reference' | 'dateTime';
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable';
  readonly returned: 'always' | 'default';
  readonly uniqueness: 'none' | 'server';
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
}

export interface Schema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

/** One kind of resource, with the schemas it is made of. */
export interface ResourceType {
  readonly name: 'User' | 'Group';
  readonly endpoint: '/Users' | '/Groups';
  readonly description: string;
  readonly schema: Schema;
  readonly extension?: Schema;
}

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function attribute(
  name: string,
  description: string,
  more: Partial<Omit<Attribute, 'name' | 'description'>> = {},
): Attribute {
  return {
    name,
    type: 'string',
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...more,
  };
}
const readOnly = { mutability: 'readOnly' } as const;
const complex = (subAttributes: readonly Attribute[]) =>
  ({ type: 'complex', subAttributes }) as const;
/** A list of which the product keeps one value. */
const single = (what: string, canonicalValues: readonly string[]) => ({
  ...complex([
    attribute('value', `The ${what}.`, { required: true }),
    attribute('type', 'What it is for.', { canonicalValues }),
    attribute('primary', 'Says which of several is kept; not kept itself.', {
      ...readOnly,
      type: 'boolean',
    }),
  ]),
  multiValued: true,
});
const reference = (types: readonly string[], mutability: Attribute['mutability'] = 'readOnly') =>
  attribute('$ref', 'Address of the resource.', {
    mutability,
    type: 'reference',
    referenceTypes: types,
    caseExact: true,
  });

const userSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  description: 'A person of the workspace.',
  attributes: [
    attribute('userName', 'Name the directory knows the person by; an e-mail address in general.', {
      required: true,
      uniqueness: 'server',
    }),
    attribute('name', 'Parts of the name.', {
      required: true,
      ...complex([
        attribute('formatted', 'The whole name; where it is left out, given and family name.'),
        attribute('familyName', 'Family name.'),
        attribute('givenName', 'Given name.'),
      ]),
    }),
    attribute('displayName', 'Name the directory shows.'),
    attribute('title', 'Job title.'),
    attribute('locale', 'Language tag.', { canonicalValues: ['en-US', 'en-GB', 'de-AT'] }),
    attribute('timezone', 'IANA time zone.', {
      canonicalValues: ['America/Los_Angeles', 'Europe/Vienna'],
    }),
    attribute('active', 'Whether the person may sign in.', { type: 'boolean', required: true }),
    attribute('emails', 'Address the person signs in with; the primary one is kept.', {
      required: true,
      ...single('e-mail address', ['work']),
    }),
    attribute('phoneNumbers', 'Phone number; the primary one is kept.', {
      ...single('phone number', ['work']),
    }),
    attribute('groups', 'Groups the person is in.', {
      ...readOnly,
      multiValued: true,
      ...complex([
        attribute('value', 'Id of the group.', { ...readOnly, caseExact: true }),
        reference(['Group']),
        attribute('display', 'Name of the group.', readOnly),
      ]),
    }),
    attribute('roles', 'Role in the workspace, as mapped groups give it.', {
      ...readOnly,
      multiValued: true,
      ...complex([
        attribute('value', 'The role.', readOnly),
        attribute('primary', 'True.', { ...readOnly, type: 'boolean' }),
      ]),
    }),
  ],
};

const enterpriseSchema: Schema = {
  id: ENTERPRISE,
  name: 'Enterprise User',
  description: 'What an organisation says of its people.',
  attributes: [
    attribute('employeeNumber', 'Number in the organisation.'),
    attribute('costCenter', 'Cost centre.'),
    attribute('organization', 'Organisation.'),
    attribute('division', 'Division.'),
    attribute('department', 'Department.'),
    attribute('manager', 'Whom the person reports to.', {
      ...complex([
        attribute('value', 'Id of the manager.', { caseExact: true }),
        reference(['User'], 'readWrite'),
      ]),
    }),
  ],
};

const groupSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  name: 'Group',
  description: 'A team of the workspace.',
  attributes: [
    attribute('displayName', 'Name of the team.', { required: true }),
    attribute('members', 'People of the team.', {
      multiValued: true,
      ...complex([
        attribute('value', 'Id of the person.', { mutability: 'immutable', caseExact: true }),
        reference(['User'], 'immutable'),
        attribute('type', 'User.', { mutability: 'immutable', canonicalValues: ['User'] }),
      ]),
    }),
  ],
};

/** Attributes every resource has (RFC 7643, section 3.1). */
export const commonAttributes: readonly Attribute[] = [
  attribute('schemas', 'Schemas the resource has values of.', {
    type: 'reference',
    multiValued: true,
    returned: 'always',
    caseExact: true,
  }),
  attribute('id', 'Id of the resource.', { ...readOnly, caseExact: true, returned: 'always' }),
  attribute('externalId', 'Id the directory gave the resource.', { caseExact: true }),
  attribute('meta', 'About the resource.', {
    ...readOnly,
    ...complex([
      attribute('resourceType', 'User or Group.', { ...readOnly, caseExact: true }),
      attribute('created', 'When it was made.', { ...readOnly, type: 'dateTime' }),
      attribute('lastModified', 'When it changed.', { ...readOnly, type: 'dateTime' }),
      attribute('location', 'Its address.', { ...readOnly, type: 'reference', caseExact: true }),
      attribute('version', 'Its entity tag.', { ...readOnly, caseExact: true }),
    ]),
  }),
];

/**
 * Attributes of RFC 7643 the product has no place for: directories send them by default, so they
 * are passed over, while a name nobody knows is a mistake.
 */
export const notKept: ReadonlySet<string> = new Set([
  'nickname',
  'profileurl',
  'usertype',
  'preferredlanguage',
  'password',
  'ims',
  'photos',
  'addresses',
  'entitlements',
  'x509certificates',
  'middlename',
  'honorificprefix',
  'honorificsuffix',
]);

/** Attributes a resource always has: what a client leaves out follows from the rest. */
export const derived: ReadonlySet<string> = new Set(['name', 'emails', 'active']);

/** Lists of which one value is kept: what is added takes the place of what was there. */
export const keptOnce: ReadonlySet<string> = new Set(['emails', 'phoneNumbers']);

export const userType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  description: userSchema.description,
  schema: userSchema,
  extension: enterpriseSchema,
};
export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: groupSchema.description,
  schema: groupSchema,
};
export const resourceTypes: readonly ResourceType[] = [userType, groupType];
export const schemas: readonly Schema[] = [userSchema, enterpriseSchema, groupSchema];
