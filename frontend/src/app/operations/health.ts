import { Injectable, inject } from '@angular/core';
import { Api } from '../../data/api';
import { numberText } from '../../ui/format';
import type { Tone } from '../../ui/tone';
import { tookText } from './job';

type State = 'healthy' | 'degraded' | 'unhealthy';

/** What `/health` answers. */
export interface Health {
  readonly status: State;
  readonly version: string;
  readonly uptime_seconds: number;
  readonly dependencies: Readonly<
    Record<string, { readonly status: State; readonly [more: string]: unknown }>
  >;
  readonly system: Readonly<Record<string, unknown>>;
}

/** One check in words. */
export interface Check {
  readonly title: string;
  readonly value: string;
  readonly text: string;
  readonly tone: Tone;
  readonly label: string;
}

const marks: Readonly<Record<State, { readonly tone: Tone; readonly label: string }>> = {
  healthy: { tone: 'green', label: 'Well' },
  degraded: { tone: 'amber', label: 'Needs a look' },
  unhealthy: { tone: 'red', label: 'Down' },
};

/** Asks the server how it is; one that is unwell answers as well. */
@Injectable({ providedIn: 'root' })
export class HealthReader {
  private readonly api = inject(Api);

  async read(): Promise<Health> {
    const response = await this.api.send('/health');
    return (await response.json()) as Health;
  }
}

const titles: Readonly<Record<string, string>> = {
  database: 'Database',
  projections: 'Lists and reports',
  jobs: 'Jobs',
  horizon: 'Event feed',
};

/** The checks of the server in plain words. */
export function checksOf(health: Health): readonly Check[] {
  const checks = Object.entries(health.dependencies).map(([name, found]): Check => {
    const words = wordsOf(name, found);
    return { title: titles[name] ?? name, ...words, ...marks[found.status] };
  });
  return [...checks, serverCheck(health)];
}

function wordsOf(
  name: string,
  found: Health['dependencies'][string],
): Pick<Check, 'value' | 'text'> {
  const number = (key: string) => Number(found[key] ?? 0);
  if (name === 'database') {
    if (found.status === 'unhealthy') {
      return { value: 'No answer', text: 'Nothing can be read or saved until it is back.' };
    }
    return { value: `${number('latency_ms')} ms`, text: 'It answers, and records are saved.' };
  }
  if (name === 'projections') return projecting(found.status, found['running'] !== false, number);
  if (name === 'horizon') return feeding(found, number('held_seconds'));
  const isWell = found.status === 'healthy';
  return {
    value: isWell ? 'Ready' : 'Not ready',
    text: isWell ? 'It answers.' : String(found['problem'] ?? 'It does not answer.'),
  };
}

function feeding(
  { status, application, pid }: Health['dependencies'][string],
  seconds: number,
): Pick<Check, 'value' | 'text'> {
  if (status === 'unhealthy') return { value: 'Unknown', text: 'It could not be asked.' };
  if (status === 'healthy') return { value: 'Flowing', text: 'No transaction holds it back.' };
  const who = `${String(application ?? 'a connection')}, process ${String(pid ?? 'unknown')}`;
  const text = `A transaction of the database (${who}) is open; changes reach lists once it ends.`;
  return { value: `Held for ${tookText(seconds)}`, text };
}

function projecting(
  status: State,
  isRunning: boolean,
  number: (key: string) => number,
): Pick<Check, 'value' | 'text'> {
  if (status === 'unhealthy') {
    return { value: 'Unknown', text: 'How current lists are cannot be told right now.' };
  }
  if (!isRunning) {
    return {
      value: 'Stopped',
      text: 'Changes are saved, but lists stay as they are until the worker runs.',
    };
  }
  const letters = number('dead_letters');
  if (letters > 0) {
    const text = `${numberText(letters)} events of the installation were set aside; its operator can free them.`;
    return { value: 'Running', text };
  }
  const seconds = number('lag_seconds');
  const value = seconds < 1 ? 'Current' : `${tookText(seconds)} behind`;
  return { value, text: 'Changes reach lists, boards and search by themselves.' };
}

function serverCheck({ version, uptime_seconds: uptime, system }: Health): Check {
  const memory = Number(system['memory_rss_mb'] ?? 0);
  return {
    title: 'Server',
    value: `Version ${version}`,
    text: `Running for ${upText(uptime)}, with ${numberText(memory)} MB of memory.`,
    ...marks.healthy,
  };
}

function upText(seconds: number): string {
  const units: readonly [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ];
  const [size, unit] = units.find(([length]) => seconds >= length) ?? [1, 'second'];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
