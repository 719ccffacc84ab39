import { TestBed } from '@angular/core/testing';
import { Session } from '../../session/session';
import { company } from '../types/company';
import { deal } from '../types/deal';
import { ColumnChoice } from './column-choice';

describe('ColumnChoice', () => {
  let id = 'richard';
  beforeEach(() => {
    localStorage.clear();
    id = 'richard';
    const session = { identity: () => ({ user: { id } }) };
    TestBed.configureTestingModule({ providers: [{ provide: Session, useValue: session }] });
  });

  it('keeps columns and widths for each person and list', () => {
    const choice = TestBed.inject(ColumnChoice);
    choice.keepColumns(company, ['name', 'tags']);
    choice.keepWidths(company, { name: 300 });
    expect(choice.columns(company)).toEqual(['name', 'tags']);
    expect(choice.widths(company)).toEqual({ name: 300 });
    expect(choice.columns(deal)).toBe(deal.columns);
    id = 'jared';
    expect(choice.columns(company)).toBe(company.columns);
    expect(choice.widths(company)).toEqual({});
  });

  it('forgets the choice of what is usual and columns that are gone', () => {
    const choice = TestBed.inject(ColumnChoice);
    choice.keepColumns(company, ['gone', 'name']);
    expect(choice.columns(company)).toEqual(['name']);
    choice.keepColumns(company, company.columns);
    expect(choice.columns(company)).toBe(company.columns);
    expect(localStorage).toHaveLength(0);
  });

  it('survives a store that was tampered with', () => {
    const choice = TestBed.inject(ColumnChoice);
    localStorage.setItem('cf.columns.richard.companies', '{"a":');
    expect(choice.columns(company)).toBe(company.columns);
    localStorage.setItem('cf.columns.richard.companies', '{"a":1}');
    expect(choice.columns(company)).toBe(company.columns);
  });
});
