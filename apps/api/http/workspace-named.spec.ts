import { describe, expect, it } from '@jest/globals';
import { workspaceNamed } from './workspace-named.js';

describe('the workspace a request names', () => {
  const named = (headers: Record<string, string>, publicUrl = 'https://crm.example') =>
    workspaceNamed({ headers }, publicUrl);

  const cases: readonly (readonly [Record<string, string>, string | undefined])[] = [
    [{ host: 'hooli.crm.example' }, 'hooli'],
    [{ host: 'Hooli.CRM.example' }, 'hooli'],
    [{ host: 'crm.example' }, undefined],
    [{ host: 'www.crm.example' }, undefined],
    [{ host: 'a.b.crm.example' }, undefined],
    [{ host: 'hooli.crm.example.evil.example' }, undefined],
    [{ host: 'crm.example', 'x-workspace': 'Hooli' }, 'hooli'],
    [{ host: 'nucleus.crm.example', 'x-workspace': 'hooli' }, 'hooli'],
    [{ host: 'crm.example', 'x-workspace': '../hooli' }, undefined],
    [{}, undefined],
  ];
  it.each(cases)('%j: %s', (headers, slug) => {
    expect(named(headers)).toBe(slug);
  });

  it('stands before localhost and its port on one’s own machine', () => {
    expect(named({ host: 'hooli.localhost:3000' }, 'http://localhost:3000')).toBe('hooli');
    expect(named({ host: 'hooli.localhost:4000' }, 'http://localhost:3000')).toBeUndefined();
  });
});
