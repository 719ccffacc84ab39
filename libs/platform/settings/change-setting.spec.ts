import { describe, expect, it } from '@jest/globals';
import { PLATFORM_TENANT } from '#kernel/ids';
import { given, SPEC_ACTOR, SPEC_TENANT } from '#kernel/specification';
import { fold } from '#kernel/aggregate';
import type {
  SettingEvent,
  SettingLevel,
  SettingLock,
  SettingValue,
} from '#event-schemas/platform/settings.events';
import { changeSettingAt } from './change-setting.js';
import { resolveSetting, type LevelStates } from './resolve.js';
import { settings, type SettingsState } from './settings.js';

const theme = 'appearance.theme';
const holders = { platform: PLATFORM_TENANT, tenant: SPEC_TENANT, user: SPEC_ACTOR } as const;
const about = (level: SettingLevel, key: string = theme) => ({
  holderId: holders[level as 'tenant'] ?? SPEC_ACTOR,
  level,
  userId: level === 'user' || level === 'session' ? SPEC_ACTOR : null,
  key,
});
const set = (level: SettingLevel, value: SettingValue, key?: string): SettingEvent => ({
  type: 'SettingChanged',
  data: { ...about(level, key), value: value as string },
});
const locked = (level: SettingLevel, lock: SettingLock, message: string | null = null) =>
  ({ type: 'SettingLocked', data: { ...about(level), lock, message } }) as SettingEvent;
const state = (...events: SettingEvent[]): SettingsState => fold(settings, events);

const own = { id: SPEC_TENANT };
const mine = { id: SPEC_ACTOR };

describe('what is in force', () => {
  const resolved = (states: LevelStates) => resolveSetting(theme, states);

  it('is the default until a level says otherwise, and then the nearest one', () => {
    expect(resolved({})).toMatchObject({ value: 'system', source: 'default', lock: null });
    const platform = state(set('platform', 'light'));
    const tenant = state(set('tenant', 'dark'));
    expect(resolved({ platform })).toMatchObject({ value: 'light', source: 'platform' });
    expect(resolved({ platform, tenant })).toMatchObject({ value: 'dark', source: 'tenant' });
    const user = state(set('user', 'system'));
    const session = state(set('session', 'light'));
    const all = resolved({ platform, tenant, user, session });
    expect(all).toMatchObject({ value: 'light', source: 'session' });
    expect(all.set).toEqual({
      platform: 'light',
      tenant: 'dark',
      user: 'system',
      session: 'light',
    });
  });

  it('ends at a hard lock, whatever is set below it, and says where', () => {
    const platform = state(set('platform', 'light'), locked('platform', 'hard', 'Corporate'));
    const states = { platform, tenant: state(set('tenant', 'dark'), locked('tenant', 'soft')) };
    expect(resolved(states)).toMatchObject({
      value: 'light',
      source: 'platform',
      lock: { lock: 'hard', level: 'platform', message: 'Corporate', value: 'light' },
      deviates: false,
      set: { tenant: 'dark' },
    });
  });

  it('a hard lock without a value holds what is inherited', () => {
    const platform = state(set('platform', 'light'));
    const tenant = state(locked('tenant', 'hard'));
    const user = state(set('user', 'dark'));
    expect(resolved({ platform, tenant, user })).toMatchObject({
      value: 'light',
      source: 'platform',
      lock: { lock: 'hard', level: 'tenant', value: 'light' },
    });
  });

  it('passes a soft lock, which a hard one below may follow', () => {
    const platform = state(set('platform', 'light'), locked('platform', 'soft'));
    const user = state(set('user', 'dark'));
    expect(resolved({ platform, user })).toMatchObject({
      value: 'dark',
      source: 'user',
      lock: { lock: 'soft', level: 'platform', value: 'light' },
      deviates: true,
    });
    expect(resolved({ platform })).toMatchObject({ deviates: false });
    const tenant = state(set('tenant', 'system'), locked('tenant', 'hard'));
    expect(resolved({ platform, tenant, user })).toMatchObject({
      value: 'system',
      lock: { lock: 'hard', level: 'tenant' },
    });
  });

  it('is free again once unlocked, and passes over what is no longer allowed', () => {
    const unlocked = { type: 'SettingUnlocked', data: about('platform') } as SettingEvent;
    const platform = state(locked('platform', 'hard'), unlocked);
    const user = state(set('user', 'dark'));
    expect(resolved({ platform, user })).toMatchObject({ value: 'dark', lock: null });
    expect(resolved({ user: state(set('user', 'sepia')) })).toMatchObject({
      value: 'system',
      source: 'default',
      set: {},
    });
    const reset = { type: 'SettingReset', data: about('user') } as SettingEvent;
    expect(resolved({ user: state(set('user', 'dark'), reset) })).toMatchObject({
      source: 'default',
    });
  });
});

describe('changing a setting', () => {
  it('sets, resets and locks at once, and only what differs', () => {
    const { events, state: after } = given(settings).when(
      changeSettingAt.tenant,
      { key: theme, value: 'dark', lock: 'hard', lockMessage: 'House style' },
      own,
    );
    expect(events).toEqual([set('tenant', 'dark'), locked('tenant', 'hard', 'House style')]);
    const again = given(settings, events);
    const when = (input: object) =>
      again.when(changeSettingAt.tenant, { key: theme, ...input }, own).events;
    expect(when({ value: 'dark', lock: 'hard', lockMessage: 'House style' })).toEqual([]);
    expect(when({ value: null, lock: 'none' }).map(({ type }) => type)).toEqual([
      'SettingReset',
      'SettingUnlocked',
    ]);
    expect(after).toMatchObject({ values: { [theme]: 'dark' }, locks: { [theme]: {} } });
  });

  it('is refused beneath a hard lock, with its reason and whom to ask', () => {
    const facts = { platform: state(locked('platform', 'hard', 'Corporate')) };
    const code = (input: object) =>
      given(settings, [set('tenant', 'dark'), locked('tenant', 'soft')]).when(
        changeSettingAt.tenant,
        { key: theme, ...input },
        { ...own, facts },
      );
    const refused = code({ value: 'dark' }).refusal;
    expect(refused).toMatchObject({
      code: 'SETTING_LOCKED',
      category: 'rule',
      details: [{ field: 'key', rule: 'hard_lock', remedy: expect.any(String) }],
    });
    expect(refused!.details[0]!.message).toContain('Corporate');
    expect(code({ lock: 'soft' }).refusal?.code).toBe('SETTING_LOCKED');
    expect(code({ value: null, lock: 'none' }).events).toHaveLength(2);
  });

  it('is a workspace’s lock for people and sessions as well', () => {
    const facts = { tenant: state(locked('tenant', 'hard')) };
    const code = (level: 'user' | 'session', id: string) =>
      given(settings).when(changeSettingAt[level], { key: theme, value: 'dark' }, { id, facts })
        .refusal?.code;
    expect(code('user', SPEC_ACTOR)).toBe('SETTING_LOCKED');
    expect(code('session', '01890a5d-ac96-774b-bcce-b302099a8999')).toBe('SETTING_LOCKED');
  });

  it('warns beneath a soft lock where the choice is not the recommended one', () => {
    const facts = {
      platform: state(set('platform', 'light'), locked('platform', 'soft', 'Reads best')),
    };
    const warnings = (value: string | null) =>
      given(settings).when(changeSettingAt.user, { key: theme, value }, { ...mine, facts }).outcome
        .warnings;
    expect(warnings('dark')).toMatchObject([
      { code: 'SETTING_RECOMMENDED', message: expect.stringMatching(/light.*Reads best/) },
    ]);
    expect(warnings('light')).toEqual([]);
    expect(warnings(null)).toEqual([]);
  });

  it.each([
    ['tenant', { key: 'appearance.glitter', value: 'much' }, 'UNKNOWN_SETTING', 'key'],
    ['tenant', { key: theme, value: 'sepia' }, 'VALIDATION_ERROR', 'value'],
    ['tenant', { key: theme, value: 7 }, 'VALIDATION_ERROR', 'value'],
    ['tenant', { key: 'notifications.assigned', value: 'yes' }, 'VALIDATION_ERROR', 'value'],
    ['tenant', { key: 'security.passwordMinLength', value: 14 }, 'VALIDATION_ERROR', 'value'],
    ['user', { key: 'security.passwordMinLength', value: 20 }, 'LEVEL_NOT_ALLOWED', 'level'],
    ['user', { key: 'notifications.assigned', lock: 'hard' }, 'LOCK_NOT_ALLOWED', 'lock'],
    ['tenant', { key: 'security.passwordMinLength', lock: 'hard' }, 'LOCK_NOT_ALLOWED', 'lock'],
  ] as const)('at the level %s refuses %j: %s', (level, input, code, field) => {
    const { refusal } = given(settings).when(changeSettingAt[level], input, {
      id: holders[level],
    });
    expect(refusal).toMatchObject({ code, details: [{ field, remedy: expect.any(String) }] });
  });

  it('touches nobody else’s', () => {
    const code = (level: SettingLevel, id: string, past: SettingEvent[] = []) =>
      given(settings, past).when(changeSettingAt[level], { key: theme, value: 'dark' }, { id })
        .refusal?.code;
    expect(code('platform', PLATFORM_TENANT)).toBe('NOT_FOUND');
    expect(code('tenant', SPEC_ACTOR)).toBe('NOT_FOUND');
    expect(code('user', SPEC_TENANT)).toBe('NOT_FOUND');
    expect(code('session', SPEC_ACTOR)).toBe('NOT_FOUND');
    const foreign = { ...set('session', 'dark').data, userId: SPEC_TENANT };
    const past = [{ type: 'SettingChanged', data: foreign } as SettingEvent];
    expect(code('session', '01890a5d-ac96-774b-bcce-b302099a8999', past)).toBe('NOT_FOUND');
  });
});
