import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './config/config.js';
import { failpoint, failpoints, isFailpoint } from './failpoints.js';

const file = new URL('failpoints.ts', import.meta.url).href;

const run = (program: string) =>
  spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', program]);

describe('failpoints', () => {
  it('do nothing unless one is armed', () => {
    for (const name of failpoints) failpoint(name);
  });

  it('end the process the nth time it passes', () => {
    const program = `import { armFailpoint, failpoint } from '${file}';
      armFailpoint('before_append:3');
      failpoint('after_append_before_ack');
      for (let n = 1; ; n++) {
        process.stdout.write(String(n));
        failpoint('before_append');
      }`;
    const ran = run(program);
    expect(ran.signal).toBe('SIGKILL');
    expect(ran.stdout.toString()).toBe('123');
  });

  it('end the process at whichever of several comes first, and say which', () => {
    const program = `import { armFailpoint, failpoint } from '${file}';
      armFailpoint('before_append:2,before_answer');
      failpoint('before_append');
      failpoint('before_answer');`;
    const ran = run(program);
    expect([ran.signal, ran.stderr.toString()]).toEqual(['SIGKILL', 'failpoint before_answer\n']);
  });

  it('are named exactly, and refused in production', () => {
    expect(isFailpoint('before_append')).toBe(true);
    expect(isFailpoint('before_append:12')).toBe(true);
    expect(isFailpoint('before_append:12,before_answer')).toBe(true);
    for (const wrong of [
      '',
      'elsewhere',
      'before_append:0',
      'before_append:x',
      'before_append:1:2',
      'before_append,',
    ])
      expect(isFailpoint(wrong)).toBe(false);
    const set = (environment: Record<string, string>) => () => loadConfig(environment);
    expect(set({ FAILPOINT: 'elsewhere', NODE_ENV: 'test' })).toThrow(/FAILPOINT is "elsewhere"/);
    expect(set({ FAILPOINT: 'before_append' })).toThrow(/refused in production/);
    expect(set({ FAILPOINT: 'before_append', NODE_ENV: 'test' })()).toMatchObject({
      failpoint: 'before_append',
      leaseSeconds: 10,
    });
  });
});
