import { describe, expect, it } from '@jest/globals';
import { noteLife, type NoteEvent } from '#event-schemas/work/note.events';
import { rowOf, SPEC_ID } from '#kernel/specification';
import { notes } from './notes.js';

const created = (content: string | null) =>
  noteLife.fact('created', SPEC_ID, {
    content,
    relatedToType: 'contact',
    relatedToId: SPEC_ID,
    ownerId: null,
    tags: [],
  });
const excerpt = (content: string | null) => rowOf(notes, [created(content)])?.['excerpt'];

describe('notes', () => {
  it('are recognised by their first line', () => {
    expect(notes.label).toBe('excerpt');
    expect(excerpt('\n## Second demo\n\nIn March.')).toBe('Second demo');
    expect(excerpt('> - quoted')).toBe('quoted');
    expect(excerpt('🙂'.repeat(101))).toBe(`${'🙂'.repeat(99)}…`);
    expect(excerpt('🙂'.repeat(100))).toBe('🙂'.repeat(100));
    expect(excerpt('---')).toBeNull();
  });

  it('follow changes and say nothing once erased', () => {
    const changed = noteLife.fact('changed', SPEC_ID, { relatedToId: SPEC_ID, content: 'April' });
    expect(rowOf(notes, [created('March'), changed])).toMatchObject({
      content: 'April',
      excerpt: 'April',
    });
    expect(excerpt(null)).toBeNull();
  });

  it('are pinned and unpinned', () => {
    const data = { noteId: SPEC_ID };
    const pinned: NoteEvent = { type: 'NotePinned', data };
    const unpinned: NoteEvent = { type: 'NoteUnpinned', data };
    expect(rowOf(notes, [created('X')])).toMatchObject({ isPinned: false });
    expect(rowOf(notes, [created('X'), pinned])).toMatchObject({ isPinned: true });
    expect(rowOf(notes, [created('X'), pinned, unpinned])).toMatchObject({ isPinned: false });
  });

  it('fill exactly the declared columns', () => {
    const standard = ['ownerId', 'tags', 'archivedAt', 'deletedAt'];
    const declared = [...Object.keys(notes.columns), ...standard].sort();
    expect(Object.keys(rowOf(notes, [created('X')])!).sort()).toEqual(declared);
  });
});
