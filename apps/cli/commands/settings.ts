import { PLATFORM_TENANT } from '#kernel/ids';
import { settingLocks } from '#event-schemas/platform/settings.events';
import { changeSettingAt, type SettingChange } from '#platform/settings/change-setting';
import { definitionOf, isSettingKey } from '#platform/settings/definitions';
import { resolveSettings } from '#platform/settings/settings-reader';
import { systemContext } from '#platform/platform';
import { orRefused, UsageError, type Call, type Command } from '../command.js';
import { tenantOf } from '../tenant.js';

/** The tenant given, or the platform itself, whose settings hold for all. */
async function placeOf(call: Call) {
  const { platform } = await call.open();
  const tenantId =
    call.text('tenant') === undefined ? PLATFORM_TENANT : (await tenantOf(call, platform)).id;
  return { platform, tenantId };
}

/** A value as the setting takes it: `true`, `20`, or text as it stands. */
function valueOf(key: string, text: string): NonNullable<SettingChange['value']> {
  if (!isSettingKey(key)) return text;
  const type = typeof definitionOf(key).default;
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return type === 'number' && /^-?\d{1,9}$/.test(text) ? Number(text) : text;
}

async function change(call: Call, given: Omit<SettingChange, 'key'>): Promise<void> {
  const [key] = call.operands as [string];
  const { platform, tenantId } = await placeOf(call);
  const command = changeSettingAt[tenantId === PLATFORM_TENANT ? 'platform' : 'tenant'];
  const ctx = systemContext(tenantId, 'cli');
  const done = orRefused(
    await platform.dispatch(command.name, { key, ...given }, ctx, { id: tenantId }),
  );
  const [now] = isSettingKey(key)
    ? await resolveSettings(platform, { tenantId }, { keys: [key] })
    : [];
  call.out.answer({ ...now, warnings: 'warnings' in done ? done.warnings : [] }, () => {
    const locked = now?.lock ? `, ${now.lock.lock} lock of ${now.lock.level}` : '';
    call.out.line(`${key} is ${String(now?.value)} (from ${now?.source}${locked})`);
  });
}

const place = {
  tenant: {
    type: 'string',
    value: 'ID',
    description: 'The tenant’s id; all of them when left out.',
  },
} as const;

const listSettings: Command = {
  words: ['settings', 'list'],
  summary: 'Shows every setting of the platform or a tenant, where it comes from and its lock.',
  options: place,
  example: 'clientforge settings list',
  async run(call) {
    const { platform, tenantId } = await placeOf(call);
    const found = await resolveSettings(platform, { tenantId });
    const rows = found.map(({ key, value, source, lock }) => ({
      key,
      value,
      source,
      lock: lock ? `${lock.lock}, ${lock.level}` : '',
    }));
    call.out.answer(found, () =>
      call.out.table(
        [
          { key: 'key', title: 'Setting' },
          { key: 'value', title: 'Value' },
          { key: 'source', title: 'From' },
          { key: 'lock', title: 'Lock' },
        ],
        rows,
      ),
    );
  },
};

const setSetting: Command = {
  words: ['settings', 'set'],
  summary: 'Sets a setting for all tenants or one, and locks it for those below.',
  operands: ['key', 'value'],
  options: {
    ...place,
    lock: {
      type: 'string',
      value: 'KIND',
      description: 'hard: cannot be changed below; soft: recommended; none: unlocked.',
    },
    'lock-message': { type: 'string', value: 'TEXT', description: 'Why it is locked.' },
  },
  example: 'clientforge settings set security.passwordMinLength 20 --lock hard',
  run(call) {
    const [key, text] = call.operands as [string, string];
    const lock = call.text('lock') as SettingChange['lock'];
    const message = call.text('lock-message');
    if (lock !== undefined && !['none', ...settingLocks].includes(lock)) {
      throw new UsageError(`--lock takes none, soft or hard, not ${lock}.`);
    }
    return change(call, {
      value: valueOf(key, text),
      ...(lock ? { lock } : {}),
      ...(message === undefined ? {} : { lockMessage: message }),
    });
  },
};

const resetSetting: Command = {
  words: ['settings', 'reset'],
  summary: 'Takes back what was set for all tenants or one, and unlocks it.',
  operands: ['key'],
  options: place,
  example: 'clientforge settings reset security.passwordMinLength',
  run: (call) => change(call, { value: null, lock: 'none' }),
};

/** Settings of the platform and of tenants, for operators. */
export const settings: readonly Command[] = [listSettings, setSetting, resetSetting];
