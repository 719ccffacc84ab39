import { TestBed } from '@angular/core/testing';
import { MatDialog } from '@angular/material/dialog';
import { of } from 'rxjs';
import { Conflicts, recordOf, type Changes } from './conflicts';
import type { Choices, ConflictQuestion } from './conflict-dialog';
import type { RecordRow } from './record-type';
import { Records, type Answer } from './records';
import { company } from './types/company';

const start: RecordRow = {
  id: 'c1',
  label: 'Hooli',
  revision: 1,
  industry: 'software',
  phone: '1',
};

/** A server with one company; others may have changed it behind our back. */
class Server {
  row = start;
  readonly asked: ConflictQuestion[] = [];
  choices: Choices | undefined;

  others(changes: Changes): void {
    this.row = { ...this.row, ...changes, revision: this.row.revision + 1 };
  }
  readonly change = (_type: unknown, _id: string, input: Changes, revision?: number) => {
    if (revision !== undefined && revision !== this.row.revision) {
      const refused = { accepted: false, code: 'REVISION_MISMATCH', message: '', details: [] };
      return Promise.resolve(refused as unknown as Answer);
    }
    this.others(input);
    const { id, revision: now } = this.row;
    const answer = { accepted: true, id, revision: now, warnings: [], record: this.row };
    return Promise.resolve(answer as Answer);
  };
  readonly one = () => Promise.resolve(this.row);
  readonly open = (_dialog: unknown, { data }: { data: ConflictQuestion }) => {
    this.asked.push(data);
    return { afterClosed: () => of(this.choices) };
  };
}

describe('Conflicts', () => {
  let server: Server;
  const change = (row: RecordRow, changes: Changes) =>
    TestBed.inject(Conflicts)
      .change(company, row, changes)
      .then((merged) => recordOf(merged, row));

  beforeEach(() => {
    server = new Server();
    TestBed.configureTestingModule({
      providers: [
        { provide: Records, useValue: server },
        { provide: MatDialog, useValue: server },
      ],
    });
  });

  it('keeps what others changed in other fields, without a question', async () => {
    server.others({ phone: '2' });
    const record = await change(start, { industry: 'travel' });
    expect(record).toMatchObject({ industry: 'travel', phone: '2' });
    expect(server.asked).toEqual([]);
  });

  it('asks where both changed the same field, showing what it was, theirs and mine', async () => {
    server.others({ industry: 'finance', phone: '2' });
    server.choices = { industry: 'mine' };
    expect(await change(start, { industry: 'travel' })).toMatchObject({ industry: 'travel' });
    const { conflicts, others } = server.asked[0]!.differences;
    expect(conflicts).toMatchObject([{ before: 'software', theirs: 'finance', mine: 'travel' }]);
    expect(others.map(({ field }) => field.name)).toEqual(['phone']);
  });

  it('lets theirs be when the person says so, or leaves the question', async () => {
    for (const choices of [{ industry: 'theirs' } as const, undefined]) {
      server.row = start;
      server.choices = choices;
      server.others({ industry: 'finance' });
      expect(await change(start, { industry: 'travel' })).toMatchObject({ industry: 'finance' });
      expect(server.row.revision).toBe(2);
    }
  });

  it('merges field by field', async () => {
    server.others({ industry: 'finance', phone: '2' });
    server.choices = { industry: 'theirs', phone: 'mine' };
    const record = await change(start, { industry: 'travel', phone: '3', website: 'x' });
    expect(record).toMatchObject({ industry: 'finance', phone: '3', website: 'x' });
  });

  it('says nothing where both want the same', async () => {
    server.others({ industry: 'travel' });
    expect(await change(start, { industry: 'travel' })).toMatchObject({ industry: 'travel' });
    expect(server.asked).toEqual([]);
  });

  it('is never in conflict with its own earlier change', async () => {
    const both = [change(start, { industry: 'travel' }), change(start, { industry: 'finance' })];
    await Promise.all(both);
    expect(server.row).toMatchObject({ industry: 'finance', revision: 3 });
    expect(server.asked).toEqual([]);
  });
});
