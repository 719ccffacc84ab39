import { Injectable, inject } from '@angular/core';
import { Api } from '../../data/api';

export type SettingValue = string | number | boolean | readonly string[];
export type Level = 'platform' | 'tenant' | 'user' | 'session';
export type OwnLevel = Exclude<Level, 'platform'>;
export type LockKind = 'soft' | 'hard';

/** A setting as it holds for the person, and where it comes from. */
export interface Setting {
  readonly key: string;
  readonly group: string;
  readonly title: string;
  readonly description: string;
  /** The allowed values as JSON Schema. */
  readonly allowed: {
    readonly type?: string;
    readonly enum?: readonly string[];
    readonly minimum?: number;
    readonly maximum?: number;
  };
  readonly default: SettingValue;
  readonly value: SettingValue;
  readonly source: Level | 'default';
  readonly lock: {
    readonly lock: LockKind;
    readonly message: string | null;
    readonly level: Level;
    readonly value: SettingValue;
  } | null;
  readonly deviates: boolean;
  readonly set: Readonly<Partial<Record<Level, SettingValue>>>;
  readonly levels: readonly Level[];
  readonly changeable: readonly Level[];
}

export interface SettingChange {
  readonly value?: SettingValue;
  readonly lock?: LockKind | 'none';
  readonly lockMessage?: string | null;
}

/** One thing that was done to a setting. */
export interface HistoryEntry {
  readonly key: string;
  readonly action: 'changed' | 'reset' | 'locked' | 'unlocked';
  readonly value: SettingValue | null;
  readonly lock: LockKind | null;
  readonly message: string | null;
  readonly actor: { readonly id: string };
  readonly at: string;
}

const PATH = '/api/v1/settings';

/** What a level is called in a sentence. */
export const levelNames: Readonly<Record<Level | 'default', string>> = {
  default: 'the product',
  platform: 'the platform',
  tenant: 'the workspace',
  user: 'you',
  session: 'this session',
};

/** A value in words. */
export function valueText(value: SettingValue | null): string {
  if (typeof value === 'boolean') return value ? 'On' : 'Off';
  if (Array.isArray(value)) return value.join(', ');
  return String(value ?? '');
}

/** Asks the API for settings, and changes them. */
@Injectable({ providedIn: 'root' })
export class Settings {
  private readonly api = inject(Api);

  all(keys?: readonly string[]): Promise<readonly Setting[]> {
    return this.api.json(`${PATH}/resolve${keys ? `?key=${keys.join(',')}` : ''}`);
  }
  change(level: OwnLevel, key: string, body: SettingChange): Promise<Setting> {
    return this.api.json(`${PATH}/${level}/${key}`, { method: 'PUT', body });
  }
  reset(level: OwnLevel, key: string): Promise<Setting> {
    return this.api.json(`${PATH}/${level}/${key}`, { method: 'DELETE' });
  }
  history(level: OwnLevel): Promise<readonly HistoryEntry[]> {
    return this.api.json(`${PATH}/history?level=${level}`);
  }
}
