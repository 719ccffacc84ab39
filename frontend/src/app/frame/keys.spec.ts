import { TestBed } from '@angular/core/testing';
import { Commands } from './commands';
import { Keys, keyCaps } from './keys';

describe('Keys', () => {
  const press = (key: string, target: EventTarget = document.body, more = {}) =>
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }));
  let ran: string[];
  beforeEach(() => {
    ran = [];
    TestBed.configureTestingModule({});
    TestBed.inject(Keys).listen();
    const group = 'View' as const;
    TestBed.inject(Commands).add([
      { title: 'Create', keys: 'c', group, run: () => ran.push('c') },
      { title: 'Go', keys: 'g d', group, run: () => ran.push('g d') },
      { title: 'Find', keys: 'mod+k', group, always: true, run: () => ran.push('mod+k') },
      { title: 'Never', keys: 'n', group, when: () => false, run: () => ran.push('n') },
    ]);
  });

  it('runs commands by single keys, sequences and combinations', () => {
    press('c');
    press('g');
    press('d');
    press('k', document.body, { ctrlKey: true });
    press('n');
    expect(ran).toEqual(['c', 'g d', 'mod+k']);
  });

  it('never fires while somebody is typing, except what always works', () => {
    const box = document.body.appendChild(document.createElement('input'));
    press('c', box);
    press('k', box, { metaKey: true });
    box.remove();
    expect(ran).toEqual(['mod+k']);
  });

  it('lets the command added last go first', () => {
    const commands = TestBed.inject(Commands);
    const remove = commands.add([
      { title: 'Other', keys: 'c', group: 'List', run: () => ran.push('page') },
    ]);
    press('c');
    remove();
    press('c');
    expect(ran).toEqual(['page', 'c']);
  });

  it('shows keys as people read them', () => {
    expect(keyCaps('g d')).toEqual(['G', 'D']);
    expect(keyCaps('escape')).toEqual(['Esc']);
  });
});
