import Type, {
  type Static,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnion,
  type TNull,
} from 'typebox';

export { Type };
export type { Static, TObject, TProperties, TSchema };

/** Options every field takes; they appear in the published JSON Schema and the OpenAPI document. */
export interface FieldOptions {
  /** One sentence for the API documentation. */
  readonly description?: string;
  /** Encrypted under the data subject's key before it reaches the log. */
  readonly personal?: boolean;
  readonly examples?: readonly unknown[];
  readonly title?: string;
}

/** One line of text without NUL, at least one character. */
export function text(maxLength: number, options: FieldOptions = {}) {
  return Type.String({ minLength: 1, maxLength, ...options });
}
export function uuid(options: FieldOptions = {}) {
  return Type.String({ format: 'uuid', ...options });
}
export function email(options: FieldOptions = {}) {
  return Type.String({ format: 'email', maxLength: 255, ...options });
}
/** An absolute http or https address. */
export function url(maxLength = 500, options: FieldOptions = {}) {
  return Type.String({ pattern: '^https?://[^\\s<>"]+$', maxLength, ...options });
}
/** Years every zone and the database can hold: 0002 to 9998, whatever the offset. */
const YEARS = '^(?!000[01]|9999)\\d{4}-';
/** A calendar day in the workspace's zone, `YYYY-MM-DD`. */
export function day(options: FieldOptions = {}) {
  return Type.String({ format: 'date', pattern: YEARS, ...options });
}
/** An instant, RFC 3339 with offset. */
export function instant(options: FieldOptions = {}) {
  return Type.String({ format: 'date-time', pattern: YEARS, ...options });
}
export function integer(minimum: number, maximum: number, options: FieldOptions = {}) {
  return Type.Integer({ minimum, maximum, ...options });
}
export function flag(options: FieldOptions = {}) {
  return Type.Boolean({ ...options });
}
export function choice<const Values extends readonly string[]>(
  values: Values,
  options: FieldOptions = {},
) {
  return Type.Enum([...values] as string[], { ...options }) as unknown as TChoice<Values>;
}
export interface TChoice<Values extends readonly string[]> extends TSchema {
  enum: Values;
  static: Values[number];
}
export function list<Item extends TSchema>(item: Item, maxItems = 100, options: FieldOptions = {}) {
  return Type.Array(item, { maxItems, ...options });
}
export function object<Properties extends TProperties>(
  properties: Properties,
  options: FieldOptions = {},
) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** Money: integer minor units as text (no float ever) and an ISO 4217 code. */
export const money = (options: FieldOptions = {}) =>
  object(
    {
      amountMinor: Type.String({ pattern: '^-?[0-9]{1,18}$', examples: ['105400'] }),
      currency: Type.String({ pattern: '^[A-Z]{3}$', examples: ['USD'] }),
    },
    { title: 'Money', ...options },
  );
export type Money = Static<ReturnType<typeof money>>;

/** Short labels; kept trimmed, unique and in the order given. */
export const tags = () => list(text(50), 50, { description: 'Labels of the record.' });

export const address = (options: FieldOptions = {}) =>
  object(
    {
      street: Type.Optional(nullable(text(255))),
      city: Type.Optional(nullable(text(100))),
      state: Type.Optional(nullable(text(100))),
      postalCode: Type.Optional(nullable(text(20))),
      country: Type.Optional(nullable(text(100))),
    },
    { title: 'Address', ...options },
  );

export type TNullable<Schema extends TSchema> = TUnion<[Schema, TNull]>;

/** The field may be null, which clears it. */
export function nullable<Schema extends TSchema>(schema: Schema): TNullable<Schema> {
  const { description, personal, title } = schema as TSchema & FieldOptions;
  return Type.Union([schema, Type.Null()], {
    ...(description ? { description } : {}),
    ...(personal ? { personal } : {}),
    ...(title ? { title } : {}),
  }) as TNullable<Schema>;
}
export function optional<Schema extends TSchema>(schema: Schema): TOptional<Schema> {
  return Type.Optional(schema) as TOptional<Schema>;
}

type Optionals<P extends TProperties> = { [K in keyof P]: TOptional<P[K]> };
type NullableOptionals<P extends TProperties> = { [K in keyof P]: TOptional<TNullable<P[K]>> };

/** The business fields of a record: declared once, used by commands, events and read models. */
export interface RecordFields<
  Required extends TProperties = TProperties,
  Optional extends TProperties = TProperties,
> {
  readonly required: Required;
  readonly optional: Optional;
  /** Required fields as they are, others may be left out or null. */
  readonly create: Required & NullableOptionals<Optional>;
  /** Any of the fields; null clears an optional one. */
  readonly change: Optionals<Required> & NullableOptionals<Optional>;
}

/** Values of all fields of a record; what was never given is null. */
export type FieldValues<F> =
  F extends RecordFields<infer Required, infer Optional>
    ? { [K in keyof Required]: Static<Required[K]> } & {
        [K in keyof Optional]: Static<Optional[K]> | null;
      }
    : never;

function mapValues(properties: TProperties, map: (schema: TSchema) => TSchema): TProperties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, map(value)]));
}

export function recordFields<Required extends TProperties, Optional extends TProperties>(
  required: Required,
  optionals: Optional,
): RecordFields<Required, Optional> {
  const cleared = mapValues(optionals, (schema) => optional(nullable(schema)));
  return {
    required,
    optional: optionals,
    create: { ...required, ...cleared } as Required & NullableOptionals<Optional>,
    change: { ...mapValues(required, optional), ...cleared } as Optionals<Required> &
      NullableOptionals<Optional>,
  };
}

/** All fields of a record set to null, to be overlaid by the values given. */
export function emptyFields<F extends RecordFields>(fields: F): FieldValues<F> {
  const names = [...Object.keys(fields.required), ...Object.keys(fields.optional)];
  return Object.fromEntries(names.map((name) => [name, null])) as FieldValues<F>;
}
