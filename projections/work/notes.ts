import { noteFields, noteLife, type NoteEvent } from '#event-schemas/work/note.events';
import { relatedToId, relatedToType } from '#event-schemas/work/related';
import { flag, nullable, text } from '#kernel/fields';
import { readModel, type Row } from '#kernel/read-model';
import { sharingColumns } from '#kernel/sharing';

const EXCERPT = 100;

/** The first line with text, without leading Markdown marks, at most 100 characters. */
function excerptOf(content: string | null): string | null {
  const line = content
    ?.split('\n')
    .map((one) => one.replace(/^[\s#>*+-]+/, '').trimEnd())
    .find((one) => one !== '');
  if (!line) return null;
  const characters = [...line];
  return characters.length > EXCERPT ? `${characters.slice(0, EXCERPT - 1).join('')}…` : line;
}

/** Notes as records and search read them. */
export const notes = readModel<NoteEvent>({
  name: 'notes',
  record: 'note',
  category: 'note',
  version: 2,
  description: 'What people wrote down about companies, contacts and deals.',
  fields: {
    excerpt: nullable(text(EXCERPT, { personal: true, description: 'First line of the note.' })),
    ...noteFields.required,
    relatedToType: relatedToType(),
    relatedToId: relatedToId(),
    isPinned: flag({ description: 'Whether it stays at the top of its record.' }),
    ...sharingColumns,
  },
  filterable: ['relatedToType', 'relatedToId', 'isPinned', 'sharedWith'],
  sortable: ['isPinned'],
  searchable: ['content'],
  owner: 'ownerId',
  label: 'excerpt',
  evolve(row, event) {
    if (noteLife.isLife(event)) {
      const next: Row = noteLife.foldRow(row, event, event.envelope.occurredAt);
      const excerpt = excerptOf(next['content'] as string | null);
      return row ? { ...next, excerpt } : { isPinned: false, ...next, excerpt };
    }
    switch (event.type) {
      case 'NotePinned':
        return { ...row, isPinned: true };
      case 'NoteUnpinned':
        return { ...row, isPinned: false };
    }
  },
});
