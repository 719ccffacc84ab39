import { choice, uuid } from '#kernel/fields';

/** Records that tasks and notes are about. */
export const relatedToType = () =>
  choice(['company', 'contact', 'deal'], { description: 'Kind of record it is about.' });
export const relatedToId = () => uuid({ description: 'Record it is about.' });
