import type { Aggregate } from '#kernel/aggregate';
import type { AnyCommand } from '#kernel/command';
import type { Registry } from '#platform/commands/registry';
import { typeName } from './record-shape.js';
import { camel, described, line, pascal, withoutNull, type TypeWriter } from './sdl-types.js';

/** The commands every caller may try: all but those of the product itself. */
export function offeredCommands(registry: Registry): readonly AnyCommand[] {
  return registry.product.commands.filter(({ internal }) => !internal);
}

/**
 * Whether the caller names the record. The workspace is always the caller's own, and a new record
 * gets its id here: an id of the caller's choice could be that of a person whose key then is shared.
 */
export function takesId(command: AnyCommand): boolean {
  return !command.creates && command.rest.path.includes(':id');
}

export function recordOf(command: AnyCommand): string {
  return (command.aggregate as unknown as Aggregate).category;
}

/** The answers of a record's commands: `CompanyAccepted`, `CompanyResult`. */
export function resultNames(command: AnyCommand) {
  const record = pascal(recordOf(command));
  return { accepted: `${record}Accepted`, result: `${record}Result` };
}

const ACCEPTED = [
  line('id', 'ID!', 'Id of the record.'),
  line('revision', 'Int!', 'Revision of the record after the command.'),
  line('position', 'String!', 'Pass it as `atLeast` to read your own write.'),
  line('warnings', '[Warning!]!', 'Worth knowing; did not stop the command.'),
];

function resultTypes(types: TypeWriter, registry: Registry, command: AnyCommand): void {
  const { accepted, result } = resultNames(command);
  if (types.has(result)) return;
  const model = registry.modelOfRecord(recordOf(command));
  const record = model
    ? [line('record', typeName(model), 'The record at that revision; null without the right.')]
    : [];
  types.define('type', accepted, [...ACCEPTED, ...record], 'implements Accepted');
  types.add(result, `union ${result} = ${accepted} | Refused`);
}

/** The input type of a command, or undefined when it takes nothing. */
function inputType(types: TypeWriter, command: AnyCommand): string | undefined {
  const record = pascal(recordOf(command));
  const { properties, required } = command.input as unknown as {
    properties: Record<string, object>;
    required?: string[];
  };
  const place = { use: 'input', record, prefix: record, otherwise: command.name } as const;
  const lines = Object.entries(properties).map(([name, schema]) => {
    const type = types.typeOf(schema, place, name);
    const { nullable, schema: plain } = withoutNull(schema);
    const certain = required?.includes(name) && !nullable;
    return line(name, `${type}${certain ? '!' : ''}`, plain.description);
  });
  return lines.length > 0 ? types.define('input', `${command.name}Input`, lines) : undefined;
}

/** Inputs and answers of the commands; the answer holds the fields of Mutation. */
export function commandSdl(types: TypeWriter, registry: Registry): string[] {
  const accepted = `"The command was carried out."\ninterface Accepted {\n${ACCEPTED.join('\n')}\n}`;
  types.add('Accepted', accepted);
  return offeredCommands(registry).map((command) => {
    resultTypes(types, registry, command);
    const input = inputType(types, command);
    const given = [
      ...(takesId(command) ? ['id: ID!'] : []),
      ...(input ? [`input: ${input}!`] : []),
      'idempotencyKey: String',
      ...(command.creates ? [] : ['expectedRevision: Int']),
    ];
    const description = `${command.description} Needs ${command.permission}.`;
    const name = camel(command.name);
    return `${described(description, '  ')}  ${name}(${given.join(', ')}): ${resultNames(command).result}!`;
  });
}
