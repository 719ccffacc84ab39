import {
  fieldOf,
  pascal,
  referenceName,
  type Field,
  type FieldKind,
  type RecordType,
} from './record-type';

/** Part of a GraphQL selection that shows one field. */
function selected(field: Field): string {
  switch (field.kind) {
    case 'money':
      return `${field.name} { amountMinor currency }`;
    case 'record':
      return `${field.name} ${referenceName(field.name)} { id label }`;
    case 'related':
      return 'relatedToId relatedToType relatedTo { id label }';
    default:
      return field.name;
  }
}

/** What every row carries, whatever its columns are. */
const ALWAYS = 'id label revision archivedAt deletedAt';

/** The selection for these fields of a record. */
export function selectionOf(type: RecordType, names: Iterable<string>): string {
  const fields = [...new Set(names)].flatMap((name) => fieldOf(type, name) ?? []);
  const extra = [
    ...(type.life ? ['ownerId', 'tags'] : []),
    ...(type.collection === 'deals' ? ['status', 'pipelineId', 'stageId'] : []),
    ...(type.collection === 'tasks' ? ['status', 'relatedToType'] : []),
    ...(type.collection === 'users' ? ['status'] : []),
  ];
  return [ALWAYS, ...extra, ...fields.map(selected)].join(' ');
}

/** Every field of a record, for its page. */
export function wholeSelection(type: RecordType): string {
  const names = type.fields.map(({ name }) => name);
  const lines =
    type.collection === 'deals'
      ? ` lineItems { lineId productId description quantity discountPercent
          unitPrice { amountMinor currency } total { amountMinor currency } }`
      : '';
  const shares = type.isShared ? ' shares { granteeType granteeId access until }' : '';
  return `${selectionOf(type, names)}${lines}${shares} createdByUser { id label } updatedByUser { id label }`;
}

export interface PageVariables {
  readonly first: number;
  readonly after?: string | null;
  readonly filter?: object;
  readonly sort?: readonly { readonly field: string; readonly direction: string }[];
  readonly search?: string;
  readonly asOf?: string | null;
  readonly atLeast?: string | null;
  readonly archived?: string;
  readonly deleted?: string;
}

/** The document of a list of this type. */
export function pageDocument(type: RecordType, selection: string): string {
  const name = pascal(type.record);
  const search = type.isSearchable;
  const variables = [
    '$first: Int',
    '$after: String',
    `$filter: ${name}Filter`,
    `$sort: [${name}Sort!]`,
    ...(search ? ['$search: String'] : []),
    '$asOf: String',
    '$atLeast: String',
    '$archived: Presence! = exclude',
    '$deleted: Presence! = exclude',
  ];
  const given = variables.map((one) => {
    const variable = /\$(\w+)/.exec(one)![1]!;
    return `${variable}: $${variable}`;
  });
  return `query ${name}Page(${variables.join(', ')}) {
    page: ${type.collection}(${given.join(', ')}) {
      nodes { ${selection} }
      pageInfo { hasNextPage endCursor }
      totalCount
      totalCapped
    }
  }`;
}

export function recordDocument(type: RecordType, selection: string): string {
  return `query ${pascal(type.record)}One($id: ID!, $asOf: String, $atLeast: String) {
    record: ${type.record}(id: $id, asOf: $asOf, atLeast: $atLeast, includeDeleted: true) {
      ${selection}
    }
  }`;
}

export interface CommandShape {
  readonly hasId: boolean;
  readonly hasInput: boolean;
  /** Refused when the record is at another revision. */
  readonly hasRevision: boolean;
}

/** The document of a command: `changeCompany`. */
export function commandDocument(type: RecordType, command: string, shape: CommandShape): string {
  const { hasId, hasInput, hasRevision } = shape;
  const variables = [
    ...(hasId ? ['$id: ID!'] : []),
    ...(hasInput ? [`$input: ${pascal(command)}Input!`] : []),
    ...(hasRevision ? ['$expectedRevision: Int!'] : []),
  ];
  const given = [
    ...(hasId ? ['id: $id'] : []),
    ...(hasInput ? ['input: $input'] : []),
    ...(hasRevision ? ['expectedRevision: $expectedRevision'] : []),
  ];
  return `mutation ${pascal(command)}(${variables.join(', ')}) {
    answer: ${command}(${given.join(', ')}) {
      __typename
      ... on ${pascal(type.record)}Accepted {
        id revision position
        warnings { code message records { id } }
        record { ${wholeSelection(type)} }
      }
      ... on Refused {
        code category message
        details { field rule message remedy value }
      }
    }
  }`;
}

/** Kinds whose values are numbers, aligned to the right. */
export function isNumeric(kind: FieldKind): boolean {
  return kind === 'number' || kind === 'money' || kind === 'percent';
}
