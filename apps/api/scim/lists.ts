import { fits, parseFilter, required } from './filter.js';
import {
  isObject,
  keyIn,
  namesOf,
  pathIn,
  pathOf,
  valuesAt,
  type Json,
  type Path,
} from './paths.js';
import { invalid } from './problem.js';
import type { Directory, Resources, Selection } from './resources.js';
import { commonAttributes, type Attribute, type ResourceType } from './schemas.js';

export const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const SEARCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
/** Resources of a page at most, and when nothing is said. */
export const MAX_RESULTS = 200;
const USUAL_RESULTS = 100;

/** What a list is asked for with: query parameters, or the body of a search. */
export type Asked = Json;

function wholeOf(name: string, value: unknown, usual: number): number {
  if (value === undefined) return usual;
  const number = typeof value === 'number' ? value : Number(String(value).trim() || Number.NaN);
  if (!Number.isInteger(number) || Math.abs(number) > 1_000_000_000) {
    throw invalid('invalidValue', `${name} has to be a whole number.`);
  }
  return number;
}

function textOf(asked: Asked, name: string): string | undefined {
  const value = asked[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw invalid('invalidValue', `${name} has to be given once, as text.`);
}

/** A resource that was found, and the part of it that is shown. */
interface Found {
  readonly one: Json;
  readonly show: (resource: Json) => Json;
}

/** A page of resources as RFC 7644, section 3.4.2 has it, of one type or of several. */
export async function listed(all: readonly Resources[], directory: Directory, asked: Asked) {
  const types = all.map(({ type }) => type);
  const lists = all.map((resources) => ({ resources, show: projection(resources.type, asked) }));
  const startIndex = Math.max(1, wholeOf('startIndex', asked['startIndex'], 1));
  const wanted = wholeOf('count', asked['count'], USUAL_RESULTS);
  const count = Math.min(MAX_RESULTS, Math.max(0, wanted));
  const filterText = textOf(asked, 'filter');
  const sortBy = textOf(asked, 'sortBy');
  const order = textOf(asked, 'sortOrder')?.toLowerCase() ?? 'ascending';
  if (order !== 'ascending' && order !== 'descending') {
    throw invalid('invalidValue', 'sortOrder has to be ascending or descending.');
  }
  const select = async ({ resources, show }: (typeof lists)[number], selection: Selection) =>
    (await resources.select(directory, selection)).map((one): Found => ({ one, show }));
  const answer = (totalResults: number, page: readonly Found[]) => ({
    schemas: [LIST_SCHEMA],
    totalResults,
    startIndex,
    itemsPerPage: page.length,
    Resources: page.map(({ one, show }) => show(one)),
  });
  if (!filterText && !sortBy) {
    // One list after the other, as if they were one.
    const page: Found[] = [];
    let [total, offset] = [0, startIndex - 1];
    for (const list of lists) {
      const here = await list.resources.count(directory);
      const limit = Math.min(count - page.length, here - offset);
      if (limit > 0) page.push(...(await select(list, { page: { offset, limit } })));
      total += here;
      offset = Math.max(0, offset - here);
    }
    return answer(total, page);
  }
  const filter = filterText ? parseFilter(types, filterText) : undefined;
  const sortPath = sortBy === undefined ? undefined : pathIn(types, sortBy);
  if (sortBy !== undefined && !sortPath) {
    throw invalid('invalidPath', `${namesOf(types)} has no attribute ${sortBy} to sort by.`);
  }
  const found: Found[] = [];
  for (const list of lists) {
    const selection = filter ? list.resources.narrowed(required(filter)) : {};
    const here = await select(list, selection);
    found.push(...(filter ? here.filter(({ one }) => fits(filter, one)) : here));
  }
  const rows = sortPath ? sorted(found, sortPath, order) : found;
  return answer(rows.length, rows.slice(startIndex - 1, startIndex - 1 + count));
}

/** What has no value comes last, in descending order first. */
function sorted(all: readonly Found[], path: Path, order: string): readonly Found[] {
  const { caseExact } = path.sub ?? path.attribute;
  const keyOf = (one: Json) => {
    const text = valuesAt(one, path).map(String)[0];
    return caseExact ? text : text?.toLowerCase();
  };
  const direction = order === 'ascending' ? 1 : -1;
  const compare = (a: string | undefined, b: string | undefined) => {
    if (a === b) return 0;
    if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
    return a.localeCompare(b, 'en', { numeric: false });
  };
  return all
    .map((found) => ({ found, key: keyOf(found.one) }))
    .sort((a, b) => direction * compare(a.key, b.key))
    .map(({ found }) => found);
}

function namesIn(asked: Asked, name: string): readonly string[] {
  const value = asked[name];
  const all = Array.isArray(value) ? (value as unknown[]) : [value];
  const texts = all.flatMap((one) => (typeof one === 'string' ? one.split(',') : []));
  return texts.map((one) => one.trim()).filter(Boolean);
}

/** What of a resource is shown: `attributes` names it, or `excludedAttributes` what is not. */
export function projection(type: ResourceType, asked: Asked): (resource: Json) => Json {
  const [only, not] = [namesIn(asked, 'attributes'), namesIn(asked, 'excludedAttributes')];
  if (only.length > 0 && not.length > 0) {
    throw invalid('invalidValue', 'Give attributes or excludedAttributes, not both.');
  }
  if (only.length + not.length === 0) return (resource) => resource;
  const extension = type.extension?.id;
  const isWhole = (name: string) => name.toLowerCase() === extension?.toLowerCase();
  const chosen = only.length > 0 ? only : not;
  const paths = chosen.flatMap((name) => {
    const path = isWhole(name) ? undefined : pathOf(type, name);
    return path && path !== 'notKept' ? [path] : [];
  });
  const whole = chosen.some(isWhole);
  const isOnly = only.length > 0;
  return (resource) => {
    const core = cut(resource, [...commonAttributes, ...type.schema.attributes], isOnly, (one) =>
      paths.filter((path) => !path.extension && path.attribute === one),
    );
    const inner = extension ? resource[extension] : undefined;
    if (!extension || !isObject(inner)) return core;
    const part = whole
      ? isOnly
        ? inner
        : {}
      : cut(inner, type.extension!.attributes, isOnly, (one) =>
          paths.filter((path) => path.extension && path.attribute === one),
        );
    return Object.keys(part).length > 0 ? { ...core, [extension]: part } : core;
  };
}

function cut(
  object: Json,
  attributes: readonly Attribute[],
  isOnly: boolean,
  pathsOf: (attribute: Attribute) => readonly Path[],
): Json {
  const entries = attributes.flatMap((attribute) => {
    const key = keyIn(object, attribute.name);
    if (key === undefined) return [];
    const value = object[key];
    const paths = pathsOf(attribute);
    if (attribute.returned === 'always') return [[key, value] as const];
    if (paths.length === 0) return isOnly ? [] : [[key, value] as const];
    if (paths.some(({ sub }) => !sub)) return isOnly ? [[key, value] as const] : [];
    const names = paths.map(({ sub }) => sub!.name);
    const part = (one: unknown) =>
      isObject(one)
        ? Object.fromEntries(
            Object.entries(one).filter(([name]) => names.includes(name) === isOnly),
          )
        : one;
    return [[key, Array.isArray(value) ? value.map(part) : part(value)] as const];
  });
  return Object.fromEntries(entries);
}
