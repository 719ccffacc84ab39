import type { FollowUp } from './adjustments.js';
import type { Row } from './columns.js';
import { Derived, type SeenRecord, type Step, type Values } from './load.js';
import type { MappedColumn } from './mapping.js';
import { isFault, type Fault } from './problems.js';
import { at } from './recipe-values.js';
import type { ImportTarget } from './targets.js';

type Columns = ReadonlyMap<string, MappedColumn>;
type Part = Readonly<Record<string, unknown>>;

/** A part of another record that a row names, such as the stage of a pipeline. */
export interface PartOfRow {
  /** What a new record takes of it. */
  initial(row: Row): Values;
  /** What the command takes that brings the record there. */
  input(row: Row): Values;
}

/** The part rows name, where the mapping has a column for it. */
export function stageLike(target: ImportTarget, byField: Columns): PartOfRow | undefined {
  const follow = target.adjustment.followUps?.find(({ part }) => part);
  const column = follow && byField.get(follow.field);
  if (!follow?.part || !column) return undefined;
  const { id, within } = follow.part;
  const reason = byField.get('lostReason')?.name;
  const whole = byField.get(within)?.name;
  const isNamed = (row: Row, name: string | undefined) =>
    name !== undefined && (row[name] ?? null) !== null;
  const derived = (row: Row, pick: (part: Part, own: Part) => unknown) => {
    const text = String(row[column.name] ?? '');
    if (text === '') return {};
    const of = async (values: Values, seen: SeenRecord, own: unknown) => {
      const mine = own as Part;
      const home = isNamed(row, whole) ? values[within] : (mine[within] ?? values[within]);
      const found = await partNamed(text, follow, home, seen);
      return isFault(found) ? found : pick(found as Part, mine);
    };
    return { [follow.field]: new Derived(of, column.name, text) };
  };
  return {
    // A record begins in an open part; where its part closes it, it goes there afterwards.
    initial: (row) => derived(row, (part) => (part['kind'] === 'open' ? part[id] : null)),
    input: (row) => ({
      ...derived(row, (part, own) => {
        const news = own[follow.state] !== part[id];
        return part['kind'] === 'lost' && news && !isNamed(row, reason) ? noReason : part[id];
      }),
      ...(isNamed(row, whole)
        ? { [within]: new Derived((values) => Promise.resolve(values[within]), whole!, '') }
        : {}),
    }),
  };
}

const noReason: Fault = {
  rule: 'required',
  message: 'loses the deal, but the row does not say why',
  remedy: 'Map a column to lostReason and fill it in.',
};

async function partNamed(
  text: string,
  { part }: FollowUp,
  home: unknown,
  seen: SeenRecord,
): Promise<Part | Fault> {
  const { record, list, by } = part!;
  const state = home ? await seen(record, String(home)) : undefined;
  const parts = ((at(state, list) ?? []) as readonly Part[]).filter((one) => !one['removed']);
  const wanted = text.trim().toLowerCase();
  const found = parts.find((one) => String(one[by]).toLowerCase() === wanted);
  if (found) return found;
  const names = parts.map((one) => String(one[by])).join(', ');
  const remedy = names ? `Use ${names}.` : `Name an existing ${record}.`;
  return { rule: 'reference', message: `is no part of the ${record}`, remedy };
}

/** The later commands of a row; undefined where the mapping asks for none. */
export function stepsOf(
  target: ImportTarget,
  byField: Columns,
  part: PartOfRow | undefined,
  takes: (command: string, field: string) => boolean,
): ((row: Row) => readonly Step[]) | undefined {
  const follow = (target.adjustment.followUps ?? []).filter(({ field }) => byField.has(field));
  if (follow.length === 0) return undefined;
  const valueOf = (row: Row, field: string) => {
    const column = byField.get(field);
    return column ? (row[column.name] ?? null) : null;
  };
  return (row) =>
    follow.flatMap((one): Step[] => {
      const { field, command, commands = {}, inputs = [], state } = one;
      const value = valueOf(row, field);
      if (value === null) return [];
      const name = command ?? commands[String(value)];
      if (name === undefined) return [];
      const further = Object.fromEntries(
        inputs
          .filter((input) => takes(name, input))
          .map((input) => [input, valueOf(row, input)] as const),
      );
      const own = one.part ? part!.input(row) : command ? { [field]: value } : {};
      return [
        {
          name: field,
          command: name,
          input: { ...further, ...own },
          done: (found: never, input: Values) =>
            at(found, state) === (one.part ? input[field] : value),
        },
      ];
    });
}
