import type { IconName } from '../../ui/icons';
import type { Tone } from '../../ui/tone';

/** Lists of records the API has, by their name in every address. */
export type Collection =
  | 'companies'
  | 'contacts'
  | 'deals'
  | 'tasks'
  | 'notes'
  | 'activities'
  | 'products'
  | 'pipelines'
  | 'teams'
  | 'users';

/** How a value is shown, edited and compared. */
export type FieldKind =
  | 'text'
  | 'paragraph'
  | 'email'
  | 'phone'
  | 'url'
  | 'number'
  | 'percent'
  | 'money'
  | 'choice'
  | 'flag'
  | 'day'
  | 'instant'
  | 'record'
  | 'records'
  | 'grantees'
  | 'stage'
  | 'related'
  | 'tags';

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly tone?: Tone;
}

export interface Field<Name extends string = string> {
  readonly name: Name;
  readonly label: string;
  readonly kind: FieldKind;
  readonly choices?: readonly Choice[];
  /** Where the id of a `record` field points to. */
  readonly target?: Collection;
  readonly filter?: boolean;
  readonly sort?: boolean;
  /** False where a command of its own, or nobody, changes it. */
  readonly edit?: boolean;
  readonly required?: boolean;
  /** Width of its column in pixels. */
  readonly width?: number;
  /** A sentence beside the input. */
  readonly hint?: string;
}

export interface Section {
  readonly title: string;
  readonly fields: readonly string[];
}

/** Records that belong to one, shown as a tab: the deals of a company. */
export interface Related {
  readonly collection: Collection;
  readonly title: string;
  /** The field of those records that holds this record's id. */
  readonly by: string;
  readonly columns: readonly string[];
}

/** A command beside create, change and archive: its name in the API and how people call it. */
export interface Step {
  readonly command: string;
  readonly label: string;
  readonly icon: IconName;
  readonly permission: string;
  /** Only in the menu of a record, not as a button beside its name. */
  readonly inMenu?: true;
  /** Sent with the command. */
  readonly input?: object;
  when(row: RecordRow): boolean;
  /** What takes it back. */
  readonly undo?: string;
}

/** Everything pages know about a type of record. */
export interface RecordType {
  readonly collection: Collection;
  /** Name of one record in the API: `company`. */
  readonly record: string;
  readonly one: string;
  readonly many: string;
  readonly icon: IconName;
  /** Second key after `G`. */
  readonly key: string;
  /** What the list is for, on its empty page. */
  readonly purpose: string;
  readonly fields: readonly Field[];
  /** Columns of the list unless the person chose others. */
  readonly columns: readonly string[];
  readonly sections: readonly Section[];
  /** Shown in the head of a record, beside its name. */
  readonly head: readonly string[];
  readonly create: readonly string[];
  readonly sort: string;
  readonly related: readonly Related[];
  readonly steps: readonly Step[];
  readonly isSearchable: boolean;
  /** Notes and tasks can be about it. */
  readonly hasWork: boolean;
  /** Owner, tags, archive and delete as every record has them; people differ. */
  readonly life: boolean;
  /** Can be opened to people and teams beside its owner. */
  readonly isShared: boolean;
}

/** Whom a record is shared with, as its row says. */
export interface Share {
  readonly granteeType: 'user' | 'team';
  readonly granteeId: string;
  readonly access: 'read' | 'change';
  readonly until: string | null;
}

export function sharesOf(row: RecordRow | undefined): readonly Share[] {
  return (row?.['shares'] ?? []) as readonly Share[];
}

/** A row as the API gives it. */
export type RecordRow = Readonly<globalThis.Record<string, unknown>> & {
  readonly id: string;
  readonly label: string;
  readonly revision: number;
};

/** A record another one points to. */
export interface Reference {
  readonly id: string;
  readonly label: string;
}

type Given<Name extends string> = Omit<
  RecordType,
  | 'fields'
  | 'related'
  | 'steps'
  | 'isSearchable'
  | 'hasWork'
  | 'life'
  | 'isShared'
  | 'sort'
  | 'columns'
> & {
  readonly fields: readonly Field<Name>[];
  readonly columns: readonly string[];
} & Partial<
    Pick<
      RecordType,
      'related' | 'steps' | 'isSearchable' | 'hasWork' | 'life' | 'isShared' | 'sort'
    >
  >;

const life: readonly Field[] = [
  { name: 'ownerId', label: 'Owner', kind: 'record', target: 'users', filter: true, width: 150 },
  { name: 'tags', label: 'Tags', kind: 'tags', filter: true, width: 160 },
];
const sharing: readonly Field[] = [
  {
    name: 'sharedWith',
    label: 'Shared with',
    kind: 'grantees',
    choices: [{ value: 'me', label: 'me or my teams' }],
    filter: true,
    edit: false,
    width: 100,
  },
];
const marks: readonly Field[] = [
  {
    name: 'createdAt',
    label: 'Created',
    kind: 'instant',
    filter: true,
    sort: true,
    edit: false,
    width: 120,
  },
  {
    name: 'updatedAt',
    label: 'Changed',
    kind: 'instant',
    filter: true,
    sort: true,
    edit: false,
    width: 120,
  },
];

/** Declares a type over the fields the API's schema has, so that none can be misspelt. */
export function recordType<Name extends string>() {
  return (given: Given<Name>): RecordType => {
    const hasLife = given.life ?? true;
    const own = new Set<string>(given.fields.map(({ name }) => name));
    const shared = given.isShared ? sharing : [];
    const all = [...(hasLife ? life : []), ...shared, ...marks];
    const standard = all.filter(({ name }) => !own.has(name));
    return {
      related: [],
      steps: [],
      isSearchable: true,
      hasWork: false,
      life: true,
      isShared: false,
      sort: '-createdAt',
      ...given,
      fields: [...given.fields, ...standard],
    };
  };
}

/** The type as somebody knows it who does not see, or does not change, every field. */
export function typeWithin(
  type: RecordType,
  { hidden, locked }: { readonly hidden: readonly string[]; readonly locked: readonly string[] },
): RecordType {
  const open = (names: readonly string[]) => names.filter((name) => !hidden.includes(name));
  const changed = (name: string) => !locked.includes(name);
  return {
    ...type,
    fields: type.fields
      .filter(({ name }) => !hidden.includes(name))
      .map((field) => (changed(field.name) ? field : { ...field, edit: false })),
    columns: open(type.columns),
    head: open(type.head),
    sections: type.sections.map((section) => ({ ...section, fields: open(section.fields) })),
    create: type.create.filter(
      (name) => changed(name) || (!hidden.includes(name) && fieldOf(type, name)?.required),
    ),
  };
}

export function fieldOf(type: RecordType, name: string): Field | undefined {
  return type.fields.find((field) => field.name === name);
}

/** The field of a row that holds the record behind an id: `company` beside `companyId`. */
export function referenceName(name: string): string {
  return name.endsWith('Ids') ? `${name.slice(0, -3)}s` : name.replace(/Id$/, '');
}

export function referenceOf(row: RecordRow, field: Field): Reference | null {
  return (row[referenceName(field.name)] as Reference | null | undefined) ?? null;
}

/** Whose the record is, for rights: of a task, whom it is assigned to; people are their own. */
export function ownerOf({ collection }: RecordType, row: RecordRow): string | null {
  const owner = { tasks: 'assignedToId', users: 'id' }[collection as string] ?? 'ownerId';
  return (row[owner] as string | null | undefined) ?? null;
}

/** `companies` → Company, as types and commands are named. */
export function pascal(record: string): string {
  return record[0]!.toUpperCase() + record.slice(1);
}

/** Choices from plain values: `in_progress` → In progress. */
export function choices(...values: readonly (string | readonly [string, Tone])[]): Choice[] {
  return values.map((given) => {
    const [value, tone] = typeof given === 'string' ? [given, undefined] : given;
    const words = value.replaceAll('_', ' ');
    const label = words[0]!.toUpperCase() + words.slice(1);
    return { value, label, ...(tone ? { tone } : {}) };
  });
}
