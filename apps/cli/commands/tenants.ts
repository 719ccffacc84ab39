import { ImportFiles } from '#apps/composition/import/import-files';
import { GIGABYTE, storageOf, storageShort } from '#apps/composition/storage';
import { createWorkspace, type NewWorkspace } from '#apps/composition/workspace';
import { planTypes, type PlanType } from '#event-schemas/identity/tenant.events';
import { planLimits } from '#identity/tenant/create-tenant';
import { tenantIds } from '#platform/operations/tenants';
import { systemContext } from '#platform/platform';
import {
  orRefused,
  required,
  UsageError,
  wholeOption,
  type Call,
  type Command,
  type Option,
} from '../command.js';
import { project } from '../projecting.js';
import { findTenant, tenantOf, tenantOption } from '../tenant.js';

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
      .map(({ id, status, deleteAt, values }) => ({ id, status, deleteAt, ...values }));
    call.out.answer(tenants, () =>
      call.out.table(
        [
          { key: 'id', title: 'Id' },
          { key: 'slug', title: 'Slug' },
          { key: 'name', title: 'Name' },
          { key: 'status', title: 'Status' },
          { key: 'deleteAt', title: 'To be deleted' },
          { key: 'planType', title: 'Plan' },
          { key: 'timeZone', title: 'Time zone' },
          { key: 'currency', title: 'Currency' },
        ],
        tenants,
      ),
    );
  },
};

/** Carries commands out on the tenant named, and says how the tenant is then. */
async function changeTenant(call: Call, commands: Readonly<Record<string, object>>): Promise<void> {
  const { platform } = await call.open();
  const { id } = await tenantOf(call, platform);
  for (const [command, input] of Object.entries(commands)) {
    orRefused(await platform.dispatch(command, input, systemContext(id, 'cli'), { id }));
  }
  await project(call, platform);
  const { status, deleteAt, values } = (await findTenant(platform, id))!;
  call.out.answer({ id, status, deleteAt, ...values }, () =>
    call.out.line(
      `${values.slug} is ${status}: plan ${values.planType}, ${values.maxUsers} seats, ` +
        `${values.maxStorageGb} GB`,
    ),
  );
}

interface PlanInput {
  readonly planType: PlanType;
  readonly maxStorageGb?: number;
}

/** Refuses a plan that has less room than the tenant needs already. */
async function roomFor(call: Call, { planType, maxStorageGb }: PlanInput): Promise<void> {
  const { platform } = await call.open();
  const { id, values } = await tenantOf(call, platform);
  const moved = planType === values.planType ? values : planLimits[planType];
  const room = maxStorageGb ?? moved.maxStorageGb;
  const files = new ImportFiles(call.config.dataDir, call.config.importMaxBytes);
  const { used } = await storageOf(platform, files, id);
  if (room < values.maxStorageGb && used > room * GIGABYTE) orRefused(storageShort(room));
}

const limits = {
  'max-users': ['maxUsers', 'Seats, where another number was agreed.'],
  'max-storage-gb': ['maxStorageGb', 'Storage in gigabytes, where another size was agreed.'],
} as const;

const changePlan: Command = {
  words: ['tenants', 'plan'],
  summary:
    'Changes the plan of a tenant; refused while it has less seats or storage than are used.',
  options: {
    ...tenantOption,
    plan: { type: 'string', value: 'PLAN', required: true, description: planTypes.join(', ') },
    ...Object.fromEntries(
      Object.entries(limits).map(([name, [, description]]): [string, Option] => [
        name,
        { type: 'string', value: 'NUMBER', description },
      ]),
    ),
  },
  example: 'clientforge tenants plan --tenant 0198… --plan business',
  async run(call) {
    const planType = required(call, 'plan') as PlanType;
    if (!planTypes.includes(planType)) {
      throw new UsageError(`--plan takes ${planTypes.join(', ')}, not ${planType}.`);
    }
    const agreed = Object.entries(limits).flatMap(([option, [name]]) =>
      call.text(option) === undefined ? [] : [[name, wholeOption(call, option, 1, 1_000_000)]],
    );
    const input: PlanInput = { planType, ...Object.fromEntries(agreed) };
    await roomFor(call, input);
    return changeTenant(call, { ChangeTenantPlan: input });
  },
};

const suspend: Command = {
  words: ['tenants', 'suspend'],
  summary: 'Closes a tenant to its people at once; nothing is lost.',
  options: {
    ...tenantOption,
    reason: { type: 'string', value: 'TEXT', description: 'Why, for its timeline.' },
  },
  example: 'clientforge tenants suspend --tenant 0198… --reason "Invoice overdue"',
  run: (call) => changeTenant(call, { SuspendTenant: { reason: call.text('reason') ?? null } }),
};

const reactivate: Command = {
  words: ['tenants', 'reactivate'],
  summary: 'Opens a suspended tenant again, also one that was to be deleted.',
  options: tenantOption,
  example: 'clientforge tenants reactivate --tenant 0198…',
  run: (call) => changeTenant(call, { CancelTenantDeletion: {}, ReactivateTenant: {} }),
};

const keep: Command = {
  words: ['tenants', 'keep'],
  summary: 'Keeps a tenant that was to be deleted; it is as it was before.',
  options: tenantOption,
  example: 'clientforge tenants keep --tenant 0198…',
  run: (call) => changeTenant(call, { CancelTenantDeletion: {} }),
};

/** What operators change about a tenant. */
export const tenantCare: readonly Command[] = [changePlan, suspend, reactivate, keep];
