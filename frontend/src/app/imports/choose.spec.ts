import { TestBed } from '@angular/core/testing';
import { Choose } from './choose';

const start = async (options: readonly string[]) => {
  const fixture = TestBed.createComponent(Choose);
  fixture.componentRef.setInput('label', 'Field for Row');
  fixture.componentRef.setInput(
    'options',
    options.map((label) => ({ value: label, label })),
  );
  document.body.append(fixture.nativeElement as HTMLElement);
  await fixture.whenStable();
  const button = (fixture.nativeElement as HTMLElement).querySelector('button')!;
  button.click();
  return button;
};

describe('Choose', () => {
  // Nothing is awaited: keys that come in the same moment are for the options.
  it('takes keys from the moment it is opened', async () => {
    await start(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(document.activeElement?.getAttribute('role')).toBe('combobox');
  });

  it('takes arrows from that moment where there is nothing to search', async () => {
    await start(['a', 'b']);
    expect(document.activeElement?.getAttribute('role')).toBe('listbox');
  });
});
