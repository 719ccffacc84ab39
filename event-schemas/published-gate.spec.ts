import { describe, expect, it } from '@jest/globals';
import { defineEvent, type EventDefinition } from '#kernel/event';
import { choice, integer, list, object, optional, text, uuid } from '#kernel/fields';
import { breaksOf, publishedOf } from './published-gate.js';

const fields = {
  id: uuid(),
  name: text(50, { personal: true }),
  size: integer(0, 10),
  colour: choice(['red', 'green']),
  places: list(object({ city: text(20), zip: optional(text(5)) }), 3),
  note: optional(text(100)),
};
const sample = { id: '1', name: 'A', size: 1, colour: 'red', places: [{ city: 'V' }] };

const declare = (
  change: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): EventDefinition =>
  defineEvent({
    type: 'ThingMade',
    schema: object({ ...fields, ...change } as typeof fields),
    subject: 'id',
    action: 'created',
    samples: { 1: sample },
    ...more,
  });

const published = publishedOf(declare());
const without = (name: keyof typeof fields) => {
  const { [name]: _gone, ...rest } = fields;
  return defineEvent({
    type: 'ThingMade',
    schema: object(rest as typeof fields),
    subject: 'id',
    action: 'created',
    samples: { 1: sample },
  });
};
const next = /^Leave version 1 as it is: raise the version to 2, add an upcaster from 1/;

describe('the gate of published events', () => {
  it('lets pass what was published, and other words for people', () => {
    expect(breaksOf(published, declare())).toEqual([]);
    const worded = { note: optional(text(100, { description: 'Anything else.' })) };
    expect(breaksOf(published, declare(worded, { action: 'added' }))).toEqual([]);
  });

  it('lets the shape change in a new version', () => {
    const two = declare(
      { size: text(10) },
      { version: 2, upcasters: { 1: () => [] }, samples: { 1: sample, 2: {} } },
    );
    expect(breaksOf(published, two)).toEqual([]);
  });

  const shapes: readonly [string, EventDefinition, string, string][] = [
    ['a removed field', without('note'), 'removed-field', 'note was removed'],
    ['a retyped field', declare({ size: text(10) }), 'retyped-field', 'size has another type'],
    [
      'a retyped field inside a list',
      declare({ places: list(object({ city: integer(0, 9), zip: optional(text(5)) }), 3) }),
      'retyped-field',
      'places[].city has another type',
    ],
    ['a new required field', declare({ age: integer(0, 9) }), 'required-field', 'age is new and'],
    ['a new field', declare({ age: optional(integer(0, 9)) }), 'added-field', 'age is new'],
    [
      'a field that has become required',
      declare({ note: text(100) }),
      'required-field',
      'note has become required',
    ],
    [
      'a field that may be missing',
      declare({ size: optional(integer(0, 10)) }),
      'optional-field',
      'size may be missing now',
    ],
    [
      'a narrowed choice',
      declare({ colour: choice(['red']) }),
      'narrowed-enum',
      'colour no longer takes green',
    ],
    [
      'a widened choice',
      declare({ colour: choice(['red', 'green', 'blue']) }),
      'widened-enum',
      'colour also takes blue',
    ],
    ['another limit', declare({ note: optional(text(9)) }), 'changed-limit', 'note has other'],
    [
      'other personal data',
      declare({ note: optional(text(100, { personal: true })) }),
      'personal-data',
      'other fields are sealed',
    ],
  ];
  it.each(shapes)('refuses %s and says what to do instead', (_what, now, kind, said) => {
    const [first, ...others] = breaksOf(published, now);
    expect(others).toEqual([]);
    expect(first?.kind).toBe(kind);
    expect(first?.message).toContain(`ThingMade v1: ${said}`);
    expect(first?.remedy).toMatch(next);
  });

  it('refuses an edited sample, also of an old version', () => {
    const edited = { 1: { ...sample, size: 2 }, 2: {} };
    const remedy = 'Restore the sample from event-schemas/published/ThingMade.v1.json.';
    for (const more of [
      { samples: edited },
      { samples: edited, version: 2, upcasters: { 1: () => [] } },
    ]) {
      expect(breaksOf(published, declare({}, more))).toEqual([
        { kind: 'edited-sample', message: 'ThingMade v1: its sample was edited.', remedy },
      ]);
    }
  });

  it('refuses a removed event and a lowered version', () => {
    expect(breaksOf(published, undefined)).toEqual([
      {
        kind: 'removed-event',
        message: 'ThingMade v1: the event was removed.',
        remedy: 'Keep its definition; an upcaster that answers [] drops what nobody needs.',
      },
    ]);
    expect(breaksOf({ ...published, version: 2 }, declare())).toEqual([
      {
        kind: 'lowered-version',
        message: 'ThingMade v2: the declared version is 1.',
        remedy: 'Declare version 2 or a later one.',
      },
    ]);
  });
});
