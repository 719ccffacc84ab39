import { fieldOf, referenceName } from './record-type';
import { linkTo, recordTypes } from './registry';

describe('declared types of records', () => {
  for (const type of recordTypes) {
    it(`names only fields it has: ${type.collection}`, () => {
      const named = [
        ...type.columns,
        ...type.head,
        ...type.create,
        ...type.sections.flatMap(({ fields }) => fields),
        type.sort.replace(/^-/, ''),
      ];
      expect(named.filter((name) => !fieldOf(type, name))).toEqual([]);
      expect(fieldOf(type, type.sort.replace(/^-/, ''))?.sort).toBe(true);
    });

    it(`relates lists by fields and shows columns they have: ${type.collection}`, () => {
      for (const { collection, by, columns } of type.related) {
        const target = recordTypes.find((one) => one.collection === collection)!;
        expect([by, ...columns].filter((name) => !fieldOf(target, name))).toEqual([]);
      }
    });
  }

  it('go by keys of their own', () => {
    const keys = recordTypes.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('have addresses', () => {
    expect(linkTo('company', 'x')).toEqual(['/', 'companies', 'x']);
    expect(linkTo('tenant', 'x')).toBeUndefined();
    expect(referenceName('assignedToId')).toBe('assignedTo');
  });
});
