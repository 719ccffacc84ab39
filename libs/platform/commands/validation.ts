import { refusal, type Refusal, type RefusalDetail } from '#kernel/refusal';
import type { TObject } from '#kernel/fields';
import { Compile, type Validator } from 'typebox/compile';

const validators = new WeakMap<object, Validator>();

interface Problem {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

const REMEDIES: Readonly<Record<string, string>> = {
  'date-time': 'Give an instant with offset, for example 2026-03-01T09:30:00Z.',
  date: 'Give a day as YYYY-MM-DD.',
  email: 'Give an e-mail address such as name@example.com.',
  uuid: 'Give an id as the API returned it.',
};

const BOUNDS: Readonly<Record<string, string>> = {
  minimum: 'at least',
  maximum: 'at most',
  exclusiveMinimum: 'more than',
  exclusiveMaximum: 'less than',
};

function field(path: string): string {
  return path
    .slice(1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');
}

function valueAt(input: unknown, path: string): unknown {
  const value = path
    .split('/')
    .slice(1)
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], input);
  // A secret or a whole document never goes back in an error.
  return typeof value === 'string' && value.length <= 100
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? value
      : undefined;
}

function schemaAt(schema: unknown, path: string): Record<string, unknown> {
  return path
    .replace(/^#\/?/, '')
    .split('/')
    .filter(Boolean)
    .reduce<unknown>(
      (at, key) => (at as Record<string, unknown> | undefined)?.[key],
      schema,
    ) as Record<string, unknown>;
}

/** One sentence on the rule and one on the remedy. */
function explain(problem: Problem, schema: TObject): readonly [string, string | undefined] {
  const { params } = problem;
  switch (problem.keyword) {
    case 'required':
      return ['is required.', 'Add it.'];
    case 'type':
      return [`must be of type ${String(params['type'])}.`, undefined];
    case 'format':
      return [`is not a valid ${String(params['format'])}.`, REMEDIES[String(params['format'])]];
    case 'enum':
      return [
        'is none of the allowed values.',
        `Use one of ${(params['allowedValues'] as unknown[]).join(', ')}.`,
      ];
    case 'minLength':
      return ['must not be empty.', 'Give some text.'];
    case 'maxLength':
      return [`is longer than ${String(params['limit'])} characters.`, 'Shorten it.'];
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum': {
      const bound = `${BOUNDS[problem.keyword]} ${String(params['limit'])}`;
      return [`must be ${bound}.`, `Give a number that is ${bound}.`];
    }
    case 'maxItems':
      return [`holds more than ${String(params['limit'])} items.`, 'Send fewer.'];
    case 'pattern': {
      const { examples, format } = schemaAt(schema, problem.schemaPath) ?? {};
      if (format) return ['must lie in the years 0002 to 9998.', REMEDIES[String(format)]];
      const example = Array.isArray(examples) ? `For example ${String(examples[0])}.` : undefined;
      return [`does not have the form ${String(params['pattern'])}.`, example];
    }
    default:
      return [`${problem.message}.`, undefined];
  }
}

function detailsOf(problems: readonly Problem[], schema: TObject, input: unknown) {
  const details = new Map<string, RefusalDetail>();
  const add = (name: string, rule: string, message: string, remedy?: string, value?: unknown) => {
    // The first problem of a field is the most precise one; null branches of unions come later.
    if (details.has(name)) return;
    details.set(name, {
      field: name,
      rule,
      message: `${name} ${message}`,
      ...(remedy ? { remedy } : {}),
      ...(value !== undefined ? { value } : {}),
    });
  };
  for (const problem of problems) {
    const at = field(problem.instancePath);
    if (problem.keyword === 'boolean') continue;
    if (problem.keyword === 'required') {
      for (const name of problem.params['requiredProperties'] as string[]) {
        add(at ? `${at}.${name}` : name, 'required', 'is required.', 'Add it.');
      }
    } else if (problem.keyword === 'additionalProperties') {
      const known = schemaAt(schema, `${problem.schemaPath}/properties`) ?? {};
      for (const name of problem.params['additionalProperties'] as string[]) {
        add(
          at ? `${at}.${name}` : name,
          'unknown',
          'is not a field here.',
          `Use ${Object.keys(known).join(', ') || 'no fields'}.`,
        );
      }
    } else if (problem.keyword !== 'anyOf') {
      const [message, remedy] = explain(problem, schema);
      add(at || 'body', problem.keyword, message, remedy, valueAt(input, problem.instancePath));
    }
  }
  return [...details.values()];
}

function nulField(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') {
    return value.includes('\u0000') || !value.isWellFormed() ? path : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = nulField(item, path ? `${path}.${key}` : key);
    if (found) return found;
  }
  return undefined;
}

/** Undefined when the input has the declared shape; otherwise every field with rule and remedy. */
export function validate(schema: TObject, input: unknown): Refusal<'VALIDATION_ERROR'> | undefined {
  let validator = validators.get(schema);
  if (!validator) validators.set(schema, (validator = Compile(schema) as Validator));
  const nul = nulField(input, '');
  if (nul !== undefined) {
    const message = `${nul} contains a NUL character or half of a surrogate pair.`;
    return refusal('VALIDATION_ERROR', 'shape', message, [
      { field: nul, rule: 'text', message, remedy: 'Remove the character.' },
    ]);
  }
  if (validator.Check(input)) return undefined;
  const problems = validator.Errors(input) as unknown as readonly Problem[];
  const details = detailsOf(problems, schema, input);
  return refusal(
    'VALIDATION_ERROR',
    'shape',
    details.length === 1 ? details[0]!.message : `${details.length} fields are not valid.`,
    details,
  );
}
