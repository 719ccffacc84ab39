import { describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { createLog } from './log.js';

describe('the log', () => {
  const lines: string[] = [];
  const to = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const log = createLog('debug', to);

  it('writes paths without what was asked for', () => {
    log.info(
      { req: { method: 'GET', url: '/api/v1/contacts?search=belson', id: 'r1' } },
      'answered',
    );
    expect(lines.at(-1)).toContain('"path":"/api/v1/contacts"');
    expect(lines.at(-1)).not.toContain('belson');
  });

  it('writes database errors without the values they are about', () => {
    const error = Object.assign(
      new Error('invalid input syntax for type uuid: "gavin@hooli.com"'),
      {
        code: '22P02',
        detail: 'Key (email)=(gavin@hooli.com) exists.',
      },
    );
    log.error({ err: error }, 'failed');
    const { err } = JSON.parse(lines.at(-1)!) as { err: Record<string, string> };
    expect(err).toMatchObject({ type: 'Error', code: '22P02' });
    expect(err['stack']).toContain('log.spec');
    expect(err).not.toHaveProperty('message');
    expect(lines.at(-1)).not.toMatch(/gavin|invalid input/);
    const several = new Error('value too long:\nGavin Belson\n  of Hooli');
    log.error({ err: Object.assign(several, { code: '22001' }) }, 'failed');
    expect(lines.at(-1)).not.toMatch(/Belson|Hooli/);
    log.error({ err: Object.assign(new Error('gone'), { code: 'ECONNRESET' }) }, 'failed');
    expect(lines.at(-1)).toContain('gone');
  });
});
