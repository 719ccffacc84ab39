import type { Column, ReadModel } from '#kernel/read-model';
import type { Registry } from '#platform/commands/registry';
import { filterableFields, sortableFields } from '#platform/projections/list-checks';
import { allColumns, standardColumns } from '#platform/projections/physical';
import {
  isList,
  isRelated,
  isSearchable,
  listedModels,
  referencesOf,
  shownColumns,
  typeName,
} from './record-shape.js';
import { described, line, withoutNull, type TypeWriter } from './sdl-types.js';

/** An argument with its description, indented under its field. */
function argument(name: string, type: string, description?: string): string {
  return `${described(description, '    ')}    ${name}: ${type}`;
}

function field(name: string, given: readonly string[], type: string, description?: string) {
  return `${described(description, '  ')}  ${name}(\n${given.join('\n')}\n  ): ${type}`;
}

/** Arguments of every question; what they mean is said once, at Query. */
function timeArguments({ temporal }: ReadModel): string[] {
  const past = [argument('asOf', 'String'), argument('knownAt', 'String')];
  return [...(temporal ? past : []), argument('atLeast', 'String')];
}

/** Never null, whatever happened to the record. */
const CERTAIN = ['id', 'tags', 'revision', 'createdAt', 'updatedAt'];

function columnType(types: TypeWriter, model: ReadModel, name: string, column: Column): string {
  const record = typeName(model);
  // The number of events of a record fits an Int, whatever its schema says.
  const type =
    name === 'revision'
      ? 'Int'
      : types.typeOf(column.schema, { use: 'output', record, prefix: record }, name);
  // Other columns lose their value when personal data is erased.
  return CERTAIN.includes(name) || isList(column) ? `${type}!` : type;
}

const history = (own: boolean) =>
  field(
    'history',
    [
      argument('first', 'Int = 20'),
      argument('after', 'String'),
      argument('ascending', 'Boolean = false', 'Oldest first.'),
      argument('includeRelated', 'Boolean = false', 'Also of notes, tasks and deals that belong.'),
    ],
    'TimelineConnection!',
    own
      ? 'What happened to the record, latest first; under `asOf`, up to that instant.'
      : undefined,
  );

const LABEL = line('label', 'String!', 'What a person recognises the record by.');

/** Fields every record has. */
function recordInterface(types: TypeWriter, registry: Registry): void {
  const model = { record: 'record', columns: {} } as unknown as ReadModel;
  const people = referencesOf(registry, model);
  const lines = Object.entries(standardColumns).map(([name, column]) =>
    line(name, columnType(types, model, name, column), column.description),
  );
  lines.splice(1, 0, LABEL);
  lines.push(...people.map((one) => line(one.field, typeName(one.target))), history(true));
  types.add('Record', `"What every record has."\ninterface Record {\n${lines.join('\n')}\n}`);
}

function recordType(types: TypeWriter, registry: Registry, model: ReadModel): void {
  const columns = shownColumns(model);
  const lines = columns.map(([name, column]) => {
    const description = column.description ?? withoutNull(column.schema).schema.description;
    return line(name, columnType(types, model, name, column), description);
  });
  if (!columns.some(([name]) => name === 'label')) lines.splice(1, 0, LABEL);
  for (const { field: name, target, many } of referencesOf(registry, model)) {
    lines.push(line(name, many ? `[${typeName(target)}!]!` : typeName(target)));
  }
  if (isRelated(model)) lines.push(line('relatedTo', 'Record', 'The record it belongs to.'));
  lines.push(history(false));
  const block = types.define('type', typeName(model), lines, 'implements Record');
  types.describe(block, model.description);
}

const COMPARISONS = ['gt', 'gte', 'lt', 'lte'];

/** The operators on one kind of value; `ne` also finds rows without a value. */
function filterType(types: TypeWriter, name: string, type: string, operators: readonly string[]) {
  const lines = operators.map((operator) => {
    if (operator === 'null') return line('null', 'Boolean', 'Whether there is no value.');
    if (operator === 'all') return line('all', `[${type}!]`, 'Every one of these.');
    if (operator === 'ne') return line('ne', `[${type}!]`, 'None of these, or no value.');
    return line(operator, operator === 'in' ? `[${type}!]` : type);
  });
  return types.define('input', name, lines);
}

/** The input type by which a column is filtered; same operators as REST. */
function filterOf(types: TypeWriter, model: ReadModel, name: string, column: Column): string {
  const ordered = ['eq', 'ne', ...COMPARISONS, 'in', 'null'];
  const plain = ['eq', 'ne', 'in', 'null'];
  const make = (type: string, operators = ordered) =>
    filterType(types, `${type}Filter`, type, operators);
  switch (column.kind) {
    case 'uuid':
      return make('ID', plain);
    case 'boolean':
      return make('Boolean', ['eq', 'ne', 'null']);
    case 'tags':
      return filterType(types, 'TagsFilter', 'String', ['eq', 'in', 'all']);
    case 'money':
      return filterType(types, 'MoneyFilter', 'BigInt', ordered);
    case 'date':
      return make('Date');
    case 'timestamptz':
      return make('DateTime');
    case 'bigint':
    case 'text':
    case 'json': {
      const type = columnType(types, model, name, column).replace('!', '');
      const isChoice = !['String', 'Int', 'BigInt', 'JSON'].includes(type);
      return make(type, isChoice ? plain : ordered);
    }
  }
}

function listTypes(types: TypeWriter, model: ReadModel): void {
  const name = typeName(model);
  const columns = allColumns(model);
  types.define(
    'input',
    `${name}Filter`,
    filterableFields(model).map((one) => line(one, filterOf(types, model, one, columns[one]!))),
  );
  const sortable = sortableFields(model).map((one) => `  ${one}`);
  types.define('enum', `${name}SortField`, sortable);
  types.define('input', `${name}Sort`, [
    line('field', `${name}SortField!`),
    line('direction', 'SortDirection! = asc'),
  ]);
  types.define('type', `${name}Edge`, [line('cursor', 'String!'), line('node', `${name}!`)]);
  types.define('type', `${name}Connection`, [
    line('edges', `[${name}Edge!]!`),
    line('nodes', `[${name}!]!`, 'The records without their cursors.'),
    line('pageInfo', 'PageInfo!'),
    line('totalCount', 'Int!', 'Exact up to 10,000.'),
    line('totalCapped', 'Boolean!', 'There are more than `totalCount` says.'),
  ]);
}

/** The arguments of a list of this model. */
function listArguments(model: ReadModel): string[] {
  const name = typeName(model);
  return [
    argument('first', 'Int = 20'),
    argument('after', 'String'),
    argument('filter', `${name}Filter`),
    argument('sort', `[${name}Sort!]`),
    ...(isSearchable(model) ? [argument('search', 'String')] : []),
    ...timeArguments(model),
    argument('archived', 'Presence! = exclude'),
    argument('deleted', 'Presence! = exclude'),
    argument('exactCount', 'Boolean = false'),
  ];
}

/** Record types, their lists and filters; the answer holds the fields of Query. */
export function recordSdl(types: TypeWriter, registry: Registry): string[] {
  recordInterface(types, registry);
  for (const model of registry.readModels.values()) recordType(types, registry, model);
  return listedModels(registry).flatMap((model) => {
    listTypes(types, model);
    const type = typeName(model);
    const one = [
      argument('id', 'ID!'),
      ...timeArguments(model),
      argument('revision', 'Int'),
      argument('includeDeleted', 'Boolean = false'),
    ];
    return [
      field(model.name, listArguments(model), `${type}Connection!`, model.description),
      field(model.record, one, type, `One ${model.record}; null when there is none.`),
    ];
  });
}
