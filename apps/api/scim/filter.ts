import { find, isObject, namesOf, pathIn, valuesAt, type Json, type Path } from './paths.js';
import { invalid } from './problem.js';
import type { Attribute, ResourceType } from './schemas.js';

const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
type Operator = (typeof OPERATORS)[number];
export type Value = string | number | boolean | null;

/** A filter of RFC 7644, section 3.4.2.2, read. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | { readonly kind: 'present'; readonly path: Path }
  | {
      readonly kind: 'compare';
      readonly path: Path;
      readonly operator: Operator;
      readonly value: Value;
    }
  /** `emails[type eq "work"]`: some element of the list fits. */
  | { readonly kind: 'element'; readonly path: Path; readonly inner: Filter };

const MAX_LENGTH = 4_000;
const MAX_TERMS = 100;
const MAX_DEPTH = 20;

const refused = (detail: string) =>
  invalid('invalidFilter', `${detail} A filter looks like userName eq "gavin@hooli.com".`);

const TOKEN =
  /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w:.$-]))|([A-Za-z$][\w:.$-]*))/y;

function tokensOf(text: string): string[] {
  if (text.length > MAX_LENGTH)
    throw refused(`The filter is longer than ${MAX_LENGTH} characters.`);
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) throw refused(`The filter cannot be read from position ${at}.`);
    tokens.push(found[0].trim());
  }
  return tokens;
}

/** How a name in the filter becomes a path: of a resource, or of the elements of a list. */
type Resolve = (name: string) => Path;

class Parser {
  private at = 0;
  private terms = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly resolve: Resolve,
  ) {}

  whole(): Filter {
    const filter = this.or(this.resolve, 0);
    if (this.at < this.tokens.length) throw refused(`${this.tokens[this.at]} was not expected.`);
    return filter;
  }

  private or(resolve: Resolve, depth: number): Filter {
    if (depth > MAX_DEPTH) throw refused(`The filter is nested deeper than ${MAX_DEPTH} levels.`);
    let left = this.and(resolve, depth);
    while (this.takeWord('or')) left = { kind: 'or', left, right: this.and(resolve, depth) };
    return left;
  }

  private and(resolve: Resolve, depth: number): Filter {
    let left = this.term(resolve, depth);
    while (this.takeWord('and')) left = { kind: 'and', left, right: this.term(resolve, depth) };
    return left;
  }

  private term(resolve: Resolve, depth: number): Filter {
    if (++this.terms > MAX_TERMS) throw refused(`The filter has more than ${MAX_TERMS} terms.`);
    if (this.tokens[this.at] === '(') return this.group('(', ')', resolve, depth);
    if (this.tokens[this.at]?.toLowerCase() === 'not' && this.tokens[this.at + 1] === '(') {
      this.at += 1;
      return { kind: 'not', inner: this.group('(', ')', resolve, depth) };
    }
    const name = this.next('an attribute');
    if (!/^[A-Za-z$]/.test(name)) throw refused(`${name} is no attribute.`);
    const path = resolve(name);
    if (this.tokens[this.at] === '[') {
      if (path.attribute.type !== 'complex' || path.sub) {
        throw refused(`${name} has no parts to filter by.`);
      }
      const inner = this.group('[', ']', (part) => partOf(path.attribute, part), depth);
      return { kind: 'element', path, inner };
    }
    const operator = this.next('an operator').toLowerCase();
    if (operator === 'pr') return { kind: 'present', path };
    if (!OPERATORS.includes(operator as Operator)) {
      throw refused(`${operator} is no operator; use ${OPERATORS.join(', ')} or pr.`);
    }
    return compared(path, operator as Operator, valueOf(this.next('a value')), name);
  }

  private group(open: string, close: string, resolve: Resolve, depth: number): Filter {
    if (this.next(open) !== open) throw refused(`${open} is missing.`);
    const inner = this.or(resolve, depth + 1);
    if (this.next(close) !== close) throw refused(`${close} is missing.`);
    return inner;
  }

  private takeWord(word: string): boolean {
    if (this.tokens[this.at]?.toLowerCase() !== word) return false;
    this.at += 1;
    return true;
  }

  private next(what: string): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw refused(`The filter ends where ${what} should be.`);
    return token;
  }
}

function partOf({ name, subAttributes = [] }: Attribute, part: string): Path {
  const attribute = find(subAttributes, part);
  if (!attribute) throw refused(`${name} has no ${part}.`);
  return { attribute };
}

function valueOf(token: string): Value {
  const word = token.toLowerCase();
  try {
    return JSON.parse(
      word === 'true' || word === 'false' || word === 'null' ? word : token,
    ) as Value;
  } catch {
    throw refused(`${token} is no value; put text in double quotes.`);
  }
}

const ORDERED: readonly Operator[] = ['gt', 'ge', 'lt', 'le'];

function compared(path: Path, operator: Operator, value: Value, name: string): Filter {
  const { type } = path.sub ?? path.attribute;
  if (type === 'boolean' && operator !== 'eq' && operator !== 'ne') {
    throw refused(`${name} is true or false: only eq and ne compare it.`);
  }
  const isDate = type === 'dateTime' && ORDERED.includes(operator);
  if (isDate && (typeof value !== 'string' || Number.isNaN(Date.parse(value)))) {
    throw refused(`${name} is compared with an instant such as "2026-01-15T10:00:00Z".`);
  }
  // Some directories send "True" as text.
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  const meant =
    type === 'boolean' && (text === 'true' || text === 'false') ? text === 'true' : value;
  return { kind: 'compare', path, operator, value: meant };
}

/** Reads a filter over the resources of some types; what a type does not have is empty in it. */
export function parseFilter(types: readonly ResourceType[], text: string): Filter {
  const resolve = (name: string): Path => {
    const path = pathIn(types, name);
    if (!path) throw refused(`${namesOf(types)} has no attribute ${name}.`);
    return path;
  };
  return new Parser(tokensOf(text), resolve).whole();
}

/** Reads what stands in the brackets of a PATCH path, over the elements of a list. */
export function parseElementFilter(attribute: Attribute, text: string): Filter {
  return new Parser(tokensOf(text), (part) => partOf(attribute, part)).whole();
}

function isMatch(found: unknown, operator: Operator, value: Value, attribute: Attribute): boolean {
  if (typeof found !== typeof value) return false;
  if (typeof found !== 'string' || typeof value !== 'string') {
    return operator === 'eq' && found === value;
  }
  const fold = (text: string) =>
    attribute.caseExact ? text.normalize('NFC') : text.normalize('NFC').toLowerCase();
  const dates = attribute.type === 'dateTime' && !Number.isNaN(Date.parse(value));
  const [a, b]: readonly [string | number, string | number] = dates
    ? [Date.parse(found), Date.parse(value)]
    : [fold(found), fold(value)];
  switch (operator) {
    case 'eq':
      return a === b;
    case 'co':
      return fold(found).includes(fold(value));
    case 'sw':
      return fold(found).startsWith(fold(value));
    case 'ew':
      return fold(found).endsWith(fold(value));
    case 'gt':
      return a > b;
    case 'ge':
      return a >= b;
    case 'lt':
      return a < b;
    case 'le':
      return a <= b;
    case 'ne':
      return a !== b;
  }
}

/** Whether a resource, or an element of a list, fits a filter. */
export function fits(filter: Filter, resource: Json): boolean {
  switch (filter.kind) {
    case 'and':
      return fits(filter.left, resource) && fits(filter.right, resource);
    case 'or':
      return fits(filter.left, resource) || fits(filter.right, resource);
    case 'not':
      return !fits(filter.inner, resource);
    case 'present':
      return isPresent(filter.path, resource);
    case 'element':
      return elementsAt(resource, filter.path).some((one) => fits(filter.inner, one));
    case 'compare': {
      const { path, operator, value } = filter;
      const found = valuesAt(resource, path);
      const attribute = comparedAttribute(path);
      if (value === null) return (operator === 'eq') === (found.length === 0);
      if (operator === 'ne') return !found.some((one) => isMatch(one, 'eq', value, attribute));
      return found.some((one) => isMatch(one, operator, value, attribute));
    }
  }
}

function comparedAttribute({ attribute, sub }: Path): Attribute {
  return sub ?? find(attribute.subAttributes ?? [], 'value') ?? attribute;
}

function elementsAt(resource: Json, { extension, attribute }: Path): readonly Json[] {
  const holder = extension ? resource[extension] : resource;
  const value = isObject(holder) ? holder[attribute.name] : undefined;
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isObject);
}

function isPresent(path: Path, resource: Json): boolean {
  if (path.attribute.type === 'complex' && !path.sub) {
    return elementsAt(resource, path).some((one) => Object.keys(one).length > 0);
  }
  return valuesAt(resource, path).some((one) => one !== '');
}

/** Values attributes must have for a resource to fit: what an index can look up. */
export function required(filter: Filter): ReadonlyMap<string, string> {
  switch (filter.kind) {
    case 'and':
      return new Map([...required(filter.right), ...required(filter.left)]);
    case 'compare': {
      const { path, operator, value } = filter;
      if (operator !== 'eq' || typeof value !== 'string' || path.extension) return new Map();
      const part = path.sub ? `.${path.sub.name}` : '';
      return new Map([[`${path.attribute.name}${part}`, value]]);
    }
    default:
      return new Map();
  }
}
