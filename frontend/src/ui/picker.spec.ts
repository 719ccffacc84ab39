import { TestBed } from '@angular/core/testing';
import { Picker } from './picker';

const options = ['Prospecting', 'Proposal', 'Won'].map((label) => ({ value: label, label }));

describe('Picker', () => {
  const start = async (inputs: Record<string, unknown>) => {
    const fixture = TestBed.createComponent(Picker);
    for (const [name, value] of Object.entries({ label: 'Stage', options, ...inputs })) {
      fixture.componentRef.setInput(name, value);
    }
    const picked: (string | null)[] = [];
    let isClosed = false;
    fixture.componentInstance.pick.subscribe((value) => picked.push(value));
    fixture.componentInstance.closed.subscribe(() => (isClosed = true));
    await fixture.whenStable();
    const element = fixture.nativeElement as HTMLElement;
    const press = async (key: string) => {
      element.dispatchEvent(new KeyboardEvent('keydown', { key }));
      await fixture.whenStable();
    };
    return { element, press, picked, closed: () => isClosed, fixture };
  };
  const labels = (element: HTMLElement) =>
    [...element.querySelectorAll('[role="option"]')].map((one) => one.textContent.trim());

  it('chooses by arrows and Enter, and closes', async () => {
    const { press, picked, closed } = await start({});
    await press('ArrowDown');
    await press('Enter');
    expect(picked).toEqual(['Proposal']);
    expect(closed()).toBe(true);
  });

  it('stays open for more where several can be chosen', async () => {
    const { press, picked, closed } = await start({ multiple: true });
    await press('Enter');
    expect(picked).toEqual(['Prospecting']);
    expect(closed()).toBe(false);
  });

  it('narrows by what is typed and offers it as a new one', async () => {
    const { element, picked, press, fixture } = await start({ creates: true });
    const box = element.querySelector('input')!;
    box.value = 'Offer';
    box.dispatchEvent(new Event('input'));
    await fixture.whenStable();
    expect(labels(element)).toEqual(['Add “Offer”']);
    await press('Enter');
    expect(picked).toEqual(['Offer']);
  });

  it('takes a value away', async () => {
    const { press, picked } = await start({ clear: 'No stage' });
    await press('Enter');
    expect(picked).toEqual([null]);
  });

  it('leaves things as they are with Escape', async () => {
    const { press, picked, closed } = await start({});
    await press('Escape');
    expect(picked).toEqual([]);
    expect(closed()).toBe(true);
  });
});
