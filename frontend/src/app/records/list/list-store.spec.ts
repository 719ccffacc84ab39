import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { Live, type Interest } from '../../../data/live';
import { Time } from '../../frame/time';
import type { RecordRow, RecordType } from '../record-type';
import { Records, type Page } from '../records';
import type { ListState } from './list-state';
import { ListStore } from './list-store';

const row = (revision: number, industry: string): RecordRow =>
  ({ id: 'a', label: 'Aviato', revision, industry }) as unknown as RecordRow;
const page = (...rows: RecordRow[]): Page => ({ rows, next: null, total: 1, isCapped: false });

describe('ListStore', () => {
  it('keeps the own change of a row that came while the list was read for others', async () => {
    let interest: Interest | undefined;
    const waiting: ((answer: Page) => void)[] = [];
    const asked: (string | null | undefined)[] = [];
    const records = {
      refreshed: signal(0),
      andAtLeast: (position: string) => `own,${position}`,
      page: (_type: unknown, _fields: unknown, { atLeast }: { atLeast?: string | null }) => {
        asked.push(atLeast);
        return new Promise<Page>((resolve) => waiting.push(resolve));
      },
    };
    TestBed.configureTestingModule({
      providers: [
        ListStore,
        { provide: Records, useValue: records },
        { provide: Router, useValue: {} },
        { provide: Time, useValue: { asOf: signal(null), isPast: () => false } },
        { provide: Live, useValue: { watch: (given: Interest) => ((interest = given), () => {}) } },
      ],
    });
    const store = TestBed.inject(ListStore);
    const state: ListState = {
      ...{ search: '', sort: 'name', filters: [], columns: [], life: 'current', peek: null },
    };
    store.follow({ record: 'company', fields: [] } as unknown as RecordType, signal(state));
    TestBed.tick();
    waiting.shift()!(page(row(1, 'travel')));
    await vi.waitFor(() => expect(store.rows()[0]).toMatchObject({ industry: 'travel' }));

    interest!.changed([{ type: 'company', id: 'b', version: 1, position: '1.1.1.0' }]);
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    expect(asked.at(-1)).toBe('own,1.1.1.0');
    store.patch(row(2, 'aviation'));
    waiting.shift()!(page(row(1, 'travel')));
    await vi.waitFor(() => expect(store.replaced()).toHaveLength(1));
    expect(store.rows()[0]).toMatchObject({ revision: 2, industry: 'aviation' });
  });
});
