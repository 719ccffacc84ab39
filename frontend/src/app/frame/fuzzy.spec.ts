import { fuzzy } from './fuzzy';

describe('fuzzy', () => {
  it('finds letters in their order, whatever the case and accents', () => {
    expect(fuzzy('zur', 'Zürich')).toBeGreaterThan(0);
    expect(fuzzy('gtd', 'Go to deals')).toBeGreaterThan(0);
    expect(fuzzy('xyz', 'Go to deals')).toBe(0);
  });

  it('prefers beginnings to middles and middles to scattered letters', () => {
    const [start, word, middle] = [
      fuzzy('deal', 'Deals'),
      fuzzy('deal', 'Create deal'),
      fuzzy('eal', 'Deals'),
    ];
    expect(start).toBeGreaterThan(word);
    expect(word).toBeGreaterThan(middle);
    expect(middle).toBeGreaterThan(fuzzy('dls', 'Deals'));
  });

  it('takes everything when nothing was typed', () => {
    expect(fuzzy('', 'Anything')).toBe(1);
  });
});
