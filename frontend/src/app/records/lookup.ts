import { Injectable, inject } from '@angular/core';
import type { Option } from '../../ui/picker';
import type { Collection, RecordType } from './record-type';
import { Records } from './records';
import { recordTypes } from './registry';
import { pipeline } from './types/pipeline';

/** Finds records by name, for everything that lets a person choose one. */
@Injectable({ providedIn: 'root' })
export class Lookup {
  private readonly records = inject(Records);
  private readonly searches = new Map<
    Collection,
    (text: string, signal: AbortSignal) => Promise<readonly Option[]>
  >();

  /** Names of records by id, as far as they can be seen. */
  async names(
    collection: Collection,
    ids: readonly string[],
  ): Promise<Readonly<Record<string, string>>> {
    const filter = { id: { in: ids } };
    try {
      const everything = { archived: 'include', deleted: 'include' };
      const variables = { first: 100, filter, ...everything, asOf: null };
      const page = await this.records.page(typeFor(collection), [], variables);
      return Object.fromEntries(page.rows.map(({ id, label }) => [id, label]));
    } catch {
      return {};
    }
  }

  /** The search of a list; always the same function for the same list. */
  in(collection: Collection) {
    const type = typeFor(collection);
    const known = this.searches.get(collection);
    if (known) return known;
    const search = async (text: string, signal: AbortSignal) => {
      const found = await this.records.search(type, text, signal);
      return found.map(({ id, label }) => ({ value: id, label }));
    };
    this.searches.set(collection, search);
    return search;
  }
}

function typeFor(collection: Collection): RecordType {
  const type =
    collection === 'pipelines'
      ? pipeline
      : recordTypes.find((one) => one.collection === collection);
  if (!type) throw new Error(`${collection} cannot be searched`);
  return type;
}
