import { describe, expect, it } from '@jest/globals';
import { isRefusal } from '#kernel/refusal';
import type { Caller } from '../http/request-context.js';
import { alreadyHas, commandIdOf, expectedRevision, preferencesOf } from './headers.js';

const caller = { tenantId: 't', actor: { type: 'user', id: 'u' } } as Caller;

describe('conditional headers', () => {
  it.each([
    ['"3"', 3],
    [' "3" ', 3],
    ['*', undefined],
    [undefined, undefined],
  ])('If-Match %s means %s', (given, revision) => {
    expect(expectedRevision(given === undefined ? {} : { 'if-match': given })).toBe(revision);
  });

  it.each(['W/"3"', '3', '"3", "4"', '"x"', ''])('If-Match %s is refused', (given) => {
    expect(isRefusal(expectedRevision({ 'if-match': given }))).toBe(true);
  });

  it.each([
    ['"3"', true],
    ['W/"3"', true],
    ['"2", "3"', true],
    ['*', true],
    ['"2"', false],
  ])('If-None-Match %s: %s', (given, known) => {
    expect(alreadyHas({ 'if-none-match': given }, '"3"')).toBe(known);
  });
});

describe('an Idempotency-Key', () => {
  const id = (key: string, route = 'POST /x') =>
    commandIdOf({ 'idempotency-key': key }, caller, route);

  it('stands for one command of one person on one route', () => {
    expect(id('"a"')).toBe(id('a'));
    expect(id('"a"')).not.toBe(id('"b"'));
    expect(id('"a"')).not.toBe(id('"a"', 'POST /y'));
    const other = { ...caller, actor: { type: 'user', id: 'v' } } as Caller;
    expect(commandIdOf({ 'idempotency-key': 'a' }, other, 'POST /x')).not.toBe(id('a'));
    expect(commandIdOf({}, caller, 'POST /x')).toBeUndefined();
  });

  it.each(['', '""', '"a', 'a b', 'é', `"${'x'.repeat(256)}"`])('is not %j', (key) => {
    expect(isRefusal(id(key))).toBe(true);
  });
});

describe('preferences', () => {
  it('are those that are honoured', () => {
    expect(preferencesOf({ prefer: 'respond-async, wait=5; return=minimal' })).toEqual({
      respondAsync: true,
      minimal: true,
    });
    expect(preferencesOf({})).toEqual({ respondAsync: false, minimal: false });
  });
});
