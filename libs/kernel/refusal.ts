/** Why a command may be refused, in the words an API answer is chosen by. */
export type RefusalCategory =
  | 'shape' // 400: the input does not have the declared shape
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'missing' // 404, also for a record of another tenant
  | 'conflict' // 409: a concurrent change or a taken value
  | 'precondition' // 412: If-Match does not hold
  | 'rule' // 422: a business rule
  | 'limit'; // 429

/** One problem with one field: what is wrong, by which rule, and how to mend it. */
export interface RefusalDetail {
  readonly field?: string;
  readonly rule?: string;
  readonly message: string;
  readonly remedy?: string;
  readonly value?: unknown;
}

/** An expected "no": data, never an exception. */
export interface Refusal<Code extends string = string> {
  readonly refused: true;
  readonly code: Code;
  readonly category: RefusalCategory;
  readonly message: string;
  readonly details: readonly RefusalDetail[];
}

/** The refusals of one aggregate: code → category and message. */
export type RefusalTable = Readonly<
  Record<string, { readonly category: RefusalCategory; readonly message: string }>
>;

/** Builds a refusal without a table, for the platform's own rules. */
export function refusal<Code extends string>(
  code: Code,
  category: RefusalCategory,
  message: string,
  details: readonly RefusalDetail[] = [],
): Refusal<Code> {
  return { refused: true, code, category, message, details };
}

/** Turns a refusal table into a function that refuses only with its codes. */
export function refuseWith<Table extends RefusalTable>(table: Table) {
  return <Code extends keyof Table & string>(
    code: Code,
    ...details: readonly RefusalDetail[]
  ): Refusal<Code> => {
    const entry = table[code] as Table[Code];
    return refusal(code, entry.category, entry.message, details);
  };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}
