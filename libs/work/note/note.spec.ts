import { describe, expect, it } from '@jest/globals';
import { noteLife, type NoteEvent } from '#event-schemas/work/note.events';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { noteCommands } from './commands.js';
import { note } from './note.js';
import { pinNote } from './pin-note.js';
import { unpinNote } from './unpin-note.js';

const command = (name: string) => noteCommands.find((one) => one.name === name)!;
const create = command('CreateNote');
const change = command('ChangeNote');
const contactId = '01890a5d-ac96-774b-bcce-b302099a8060';
const input = { content: 'Asked for a demo.', relatedToType: 'contact', relatedToId: contactId };
const created = noteLife.fact('created', SPEC_ID, { ...input, ownerId: SPEC_ACTOR, tags: [] });
const archived = noteLife.fact('archived', SPEC_ID);
const deleted = noteLife.fact('deleted', SPEC_ID);
const pinned: NoteEvent = { type: 'NotePinned', data: { noteId: SPEC_ID } };
const unpinned: NoteEvent = { type: 'NoteUnpinned', data: { noteId: SPEC_ID } };
const known = (status: string) => ({ facts: { relatedToId: { status } } });
const after = (...past: NoteEvent[]) => given(note, [created, ...past]);

describe('note', () => {
  it('is about a record that exists', () => {
    expect(given(note).when(create, input, known('active')).events).toEqual([created]);
    const { refusal } = given(note).when(create, input, known('deleted'));
    expect(refusal).toMatchObject({
      code: 'REFERENCE_NOT_FOUND',
      details: [{ field: 'relatedToId' }],
    });
  });

  it('looks the record up under its kind', () => {
    const facts = create.facts!(input as never, undefined as never, {} as never);
    expect(facts).toEqual({ relatedToId: { kind: 'record', record: 'contact', id: contactId } });
  });

  it('is not created twice', () => {
    expect(after().when(create, input, known('active')).refusal?.code).toBe('ALREADY_EXISTS');
  });

  it('says in each event with content whose it is', () => {
    const { events, state } = after().when(change, { content: 'Wants *two* demos.' });
    expect(events).toEqual([
      noteLife.fact('changed', SPEC_ID, { relatedToId: contactId, content: 'Wants *two* demos.' }),
    ]);
    expect(state).toMatchObject({
      relatedToId: contactId,
      values: { content: 'Wants *two* demos.' },
    });
    expect(state).toHaveProperty('values', { content: 'Wants *two* demos.' });
    for (const definition of noteLife.events.filter(({ personal }) => personal.length > 0)) {
      expect(definition.subject).toBe('relatedToId');
      expect(Object.keys(definition.schema.properties)).toContain('relatedToId');
    }
  });

  it('records nothing when nothing differs', () => {
    expect(after().when(change, { content: input.content }).events).toEqual([]);
  });

  it.each([
    'See <b>this</b>',
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<br/>',
    'closing </p',
    '<!-- hidden -->',
    '<!DOCTYPE html>',
    '<?xml version="1.0"?>',
  ])('refuses HTML: %s', (content) => {
    expect(after().when(change, { content }).refusal?.code).toBe('CONTENT_HAS_HTML');
    const fresh = given(note).when(create, { ...input, content }, known('active'));
    expect(fresh.refusal).toMatchObject({
      code: 'CONTENT_HAS_HTML',
      details: [{ field: 'content' }],
    });
  });

  it.each([
    'a < b and c > d',
    'We <3 them',
    '<https://example.com> and <ada@example.com>',
    '# Title\n\n- one\n- two\n\n> quote, `code` and [a link](https://example.com)',
    'x <- y, 1<2',
  ])('takes plain text and Markdown: %s', (content) => {
    expect(after().when(change, { content }).events).toHaveLength(1);
  });

  it('refuses changes while archived or deleted', () => {
    const code = (past: NoteEvent) => after(past).when(change, { content: 'X' }).refusal?.code;
    expect(code(archived)).toBe('RECORD_ARCHIVED');
    expect(code(deleted)).toBe('NOT_FOUND');
  });
});

describe('PinNote and UnpinNote', () => {
  it('pin and unpin, once each', () => {
    const { events, state } = after().when(pinNote);
    expect(events).toEqual([pinned]);
    expect(state).toMatchObject({ isPinned: true });
    expect(after(pinned).when(pinNote).events).toEqual([]);
    expect(after(pinned).when(unpinNote).events).toEqual([unpinned]);
    expect(after(pinned, unpinned).when(unpinNote).events).toEqual([]);
  });

  it('outlive other changes', () => {
    const { state } = after(pinned).when(change, { content: 'X' });
    expect(state).toMatchObject({ isPinned: true });
  });

  it('are refused while archived, deleted or absent', () => {
    for (const one of [pinNote, unpinNote]) {
      expect(after(archived).when(one).refusal?.code).toBe('RECORD_ARCHIVED');
      expect(after(deleted).when(one).refusal?.code).toBe('NOT_FOUND');
      expect(given(note).when(one).refusal?.code).toBe('NOT_FOUND');
    }
  });
});
