import type { Column, ReadModel } from '#kernel/read-model';
import type { Registry } from '#platform/commands/registry';
import { allColumns } from '#platform/projections/physical';
import { pascal, withoutNull } from './sdl-types.js';

/** A field that shows the record an id stands for, beside the id. */
export interface Reference {
  /** `company` beside `companyId`. */
  readonly field: string;
  readonly column: string;
  readonly target: ReadModel;
  /** The column holds a list of ids. */
  readonly many: boolean;
}

/** Workspaces are read as `workspace`; there is never more than the caller's own. */
const OF_ITS_OWN = ['tenants'];

/** The read models that are queried as lists. */
export function listedModels(registry: Registry): readonly ReadModel[] {
  return [...registry.readModels.values()].filter(({ name }) => !OF_ITS_OWN.includes(name));
}

/** The GraphQL type of a record: `company` → Company. */
export function typeName(model: Pick<ReadModel, 'record'>): string {
  return pascal(model.record);
}

/** Columns as GraphQL shows them: the id first, bookkeeping last. */
export function shownColumns(model: ReadModel): readonly (readonly [string, Column])[] {
  const { id, ownerId, tags, ...bookkeeping } = allColumns(model);
  const own = Object.entries(model.columns).filter(([name]) => name !== 'id');
  const names = new Set(own.map(([name]) => name));
  const standard = Object.entries({ ownerId: ownerId!, tags: tags!, ...bookkeeping });
  return [['id', id!], ...own, ...standard.filter(([name]) => !names.has(name))];
}

/** Whether a column is a list, which is empty rather than null. */
export function isList(column: Column): boolean {
  return withoutNull(column.schema).schema.type === 'array';
}

function referenceName(column: string): string {
  if (column.endsWith('Ids')) return `${column.slice(0, -3)}s`;
  return column.endsWith('Id') ? column.slice(0, -2) : `${column}User`;
}

/** The references of a model whose targets exist: declared ones, and who created and changed it. */
export function referencesOf(registry: Registry, model: ReadModel): readonly Reference[] {
  const columns = allColumns(model);
  const declared = Object.entries(columns).flatMap(([column, { references }]) =>
    references ? [[column, references] as const] : [],
  );
  const actors = ['createdBy', 'updatedBy'].map((column) => [column, 'users'] as const);
  return [...declared, ...actors].flatMap(([column, name]): Reference[] => {
    const target = registry.readModels.get(name);
    const field = referenceName(column);
    if (!target || columns[field]) return [];
    return [{ field, column, target, many: isList(columns[column]!) }];
  });
}

/** Whether a model's rows point at any record by `relatedToType` and `relatedToId`. */
export function isRelated(model: ReadModel): boolean {
  return 'relatedToType' in model.columns && 'relatedToId' in model.columns;
}

export function isSearchable(model: ReadModel): boolean {
  return Object.values(model.columns).some(({ search }) => search);
}
