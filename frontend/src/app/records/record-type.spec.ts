import { fieldOf, typeWithin, type RecordType } from './record-type';
import { contact } from './types/contact';

/** Every name that a list, a page or a form of the type shows; a kind may be called as a field is. */
const placesOf = ({ fields, columns, head, sections, create }: RecordType) => [
  ...fields.map(({ name }) => name),
  ...columns,
  ...head,
  ...sections.flatMap((section) => section.fields),
  ...create,
];

describe('a type within the rights of a person', () => {
  const limited = typeWithin(contact, {
    hidden: ['phone'],
    locked: ['phone', 'title', 'lastName'],
  });

  it('has no trace of hidden fields', () => {
    expect(placesOf(contact)).toContain('phone');
    expect(placesOf(limited)).not.toContain('phone');
  });

  it('shows what is locked and edits it nowhere', () => {
    expect(fieldOf(limited, 'title')?.edit).toBe(false);
    expect(limited.create).not.toContain('title');
    expect(fieldOf(limited, 'department')?.edit).not.toBe(false);
  });

  it('still asks for what a new record cannot be without', () => {
    expect(limited.create).toContain('lastName');
  });
});
