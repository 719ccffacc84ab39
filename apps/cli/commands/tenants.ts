import { createWorkspace, type NewWorkspace } from '#apps/composition/workspace';
import { tenantIds } from '#platform/operations/tenants';
import { orRefused, required, UsageError, type Call, type Command } from '../command.js';
import { project } from '../projecting.js';
import { findTenant } from '../tenant.js';

/** What was given of these options, by the names a workspace has for them. */
function given(call: Call, names: Readonly<Record<string, keyof NewWorkspace>>) {
  return Object.fromEntries(
    Object.entries(names).flatMap(([option, name]) => {
      const value = call.text(option);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

export const createTenant: Command = {
  words: ['tenants', 'create'],
  summary: 'Makes a workspace with its owner and a default pipeline.',
  options: {
    name: { type: 'string', value: 'NAME', required: true, description: 'Name of the workspace.' },
    slug: { type: 'string', value: 'SLUG', description: 'Short name in addresses.' },
    'owner-email': {
      type: 'string',
      value: 'ADDRESS',
      required: true,
      description: 'Address the owner signs in with.',
    },
    'owner-name': { type: 'string', value: 'NAME', description: 'First and last name.' },
    'owner-password-stdin': {
      type: 'boolean',
      required: true,
      description: 'Read the owner’s password from standard input.',
    },
    'time-zone': { type: 'string', value: 'ZONE', description: 'IANA time zone.', default: 'UTC' },
    currency: { type: 'string', value: 'CODE', description: 'ISO 4217 code.', default: 'USD' },
    locale: { type: 'string', value: 'TAG', description: 'BCP 47 tag.', default: 'en' },
    plan: { type: 'string', value: 'PLAN', description: 'Plan.', default: 'starter' },
    sandbox: {
      type: 'boolean',
      description: 'For trying things out: time passes when its owner says so.',
    },
  },
  example:
    'clientforge tenants create --name Hooli --owner-email owner@hooli.example ' +
    '--owner-password-stdin < password.txt',
  async run(call) {
    const ownerPassword = await call.readInput();
    if (!ownerPassword) throw new UsageError('Standard input holds no password.');
    const { platform } = await call.open();
    const made = await createWorkspace(
      platform,
      {
        name: required(call, 'name'),
        ownerEmail: required(call, 'owner-email'),
        ownerPassword,
        ...given(call, {
          slug: 'slug',
          'owner-name': 'ownerName',
          'time-zone': 'timeZone',
          currency: 'currency',
          locale: 'locale',
          plan: 'planType',
        }),
        ...(call.flag('sandbox') ? { sandbox: true } : {}),
      },
      { by: 'cli' },
    );
    const { tenantId: id, ...rest } = orRefused(made);
    await project(call, platform);
    call.out.answer({ id, ...rest }, () => {
      const what = rest.created ? 'was made' : 'was there already';
      call.out.line(`The workspace ${rest.slug} ${what}: tenant ${id}`);
    });
  },
};

export const listTenants: Command = {
  words: ['tenants', 'list'],
  summary: 'Lists all tenants.',
  example: 'clientforge tenants list',
  async run(call) {
    const { platform } = await call.open();
    const ids = await tenantIds(platform.database);
    const found = await Promise.all(ids.map((id) => findTenant(platform, id)));
    const tenants = found
      .filter((one) => one !== undefined)
      .map(({ id, status, values }) => ({ id, status, ...values }));
    call.out.answer(tenants, () =>
      call.out.table(
        [
          { key: 'id', title: 'Id' },
          { key: 'slug', title: 'Slug' },
          { key: 'name', title: 'Name' },
          { key: 'status', title: 'Status' },
          { key: 'planType', title: 'Plan' },
          { key: 'timeZone', title: 'Time zone' },
          { key: 'currency', title: 'Currency' },
        ],
        tenants,
      ),
    );
  },
};
