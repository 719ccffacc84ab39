import { TestBed } from '@angular/core/testing';
import { usePlace } from '../../ui/format';
import { Editor } from './editor';
import type { Field } from './record-type';

describe('Editor', () => {
  beforeAll(() => usePlace({ locale: 'en-US', timeZone: 'UTC' }));

  const start = async (field: Field, value: unknown) => {
    const fixture = TestBed.createComponent(Editor);
    const row = { id: '1', label: 'One', revision: 1, [field.name]: value };
    fixture.componentRef.setInput('field', field);
    fixture.componentRef.setInput('row', row);
    const saved: unknown[] = [];
    let hasLeft = false;
    fixture.componentInstance.save.subscribe((given) => saved.push(given));
    fixture.componentInstance.leave.subscribe(() => (hasLeft = true));
    await fixture.whenStable();
    const box = (fixture.nativeElement as HTMLElement).querySelector<HTMLInputElement>('.input')!;
    const enter = async (text: string, key = 'Enter') => {
      box.value = text;
      box.dispatchEvent(new KeyboardEvent('keydown', { key }));
      box.dispatchEvent(new FocusEvent('blur'));
      await fixture.whenStable();
    };
    const problem = () =>
      (fixture.nativeElement as HTMLElement).querySelector('.field-error')?.textContent;
    return { box, enter, saved, left: () => hasLeft, problem };
  };
  const amount: Field = { name: 'amount', label: 'Amount', kind: 'money' };
  const name: Field = { name: 'name', label: 'Name', kind: 'text', required: true };

  it('saves money in minor units, once', async () => {
    const { box, enter, saved } = await start(amount, { amountMinor: '105400', currency: 'EUR' });
    expect(box.value).toBe('1054');
    await enter('12k');
    expect(saved).toEqual([{ amountMinor: '1200000', currency: 'EUR' }]);
  });

  it('says what is wrong instead of saving it', async () => {
    const { enter, saved, problem } = await start(amount, null);
    await enter('a lot');
    expect(saved).toEqual([]);
    expect(problem()).toContain('Enter an amount');
  });

  it('clears an optional field and keeps a required one', async () => {
    const optional = await start({ ...name, required: false }, 'Hooli');
    await optional.enter('');
    expect(optional.saved).toEqual([null]);
    const required = await start(name, 'Hooli');
    await required.enter('');
    expect(required.saved).toEqual([]);
    expect(required.problem()).toBe('Name is needed.');
  });

  it('leaves without a change', async () => {
    const same = await start(name, 'Hooli');
    await same.enter('Hooli');
    const escaped = await start(name, 'Hooli');
    await escaped.enter('Other', 'Escape');
    expect([...same.saved, ...escaped.saved]).toEqual([]);
    expect(same.left() && escaped.left()).toBe(true);
  });

  it('completes web addresses', async () => {
    const { enter, saved } = await start({ name: 'website', label: 'Website', kind: 'url' }, null);
    await enter('hooli.example');
    expect(saved).toEqual(['https://hooli.example']);
  });
});
