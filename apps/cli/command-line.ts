import { parseArgs } from 'node:util';
import { UsageError, type Command, type Option } from './command.js';

/** Options every command takes. */
export const commonOptions: Readonly<Record<string, Option>> = {
  json: { type: 'boolean', description: 'Answer as JSON.' },
  yes: { type: 'boolean', description: 'Do not ask.' },
  help: { type: 'boolean', description: 'Show this help.' },
};

export interface Parsed {
  readonly command: Command;
  readonly operands: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

/** The command a line names, or undefined when it asks for help as a whole. */
export function findCommand(
  commands: readonly Command[],
  args: readonly string[],
): Command | undefined {
  const words = args.filter((arg) => !arg.startsWith('-')).slice(0, 2);
  const [noun, verb] = words;
  if (noun === undefined || noun === 'help') return undefined;
  const ofNoun = commands.filter(({ words: [name] }) => name === noun);
  if (ofNoun.length === 0) {
    const nouns = [...new Set(commands.map(({ words: [name] }) => name))].join(', ');
    throw new UsageError(`There is no command ${noun}. Commands: ${nouns}.`);
  }
  const found = ofNoun.find(({ words: [, name] }) => name === undefined || name === verb);
  if (found) return found;
  const verbs = ofNoun.map(({ words: [, name] }) => `${noun} ${name}`).join(', ');
  throw new UsageError(verb ? `There is no ${noun} ${verb}. Use ${verbs}.` : `Use ${verbs}.`);
}

/** Reads options and operands of a command; throws {@link UsageError} for what it does not take. */
export function parseLine(command: Command, args: readonly string[]): Parsed {
  const options: Readonly<Record<string, Option>> = { ...command.options, ...commonOptions };
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { type }]) => [name, { type }]),
      ),
    });
  } catch (error) {
    const [message] = (error as Error).message.split('. To specify');
    throw new UsageError(message!.endsWith('.') ? message! : `${message}.`);
  }
  const operands = parsed.positionals.slice(command.words.length);
  const values = { ...parsed.values } as Record<string, string | boolean | undefined>;
  for (const [name, option] of Object.entries(options)) values[name] ??= option.default;
  if (values['help']) return { command, operands, values };
  const wanted = command.operands ?? [];
  if (operands.length < wanted.length)
    throw new UsageError(`${wanted[operands.length]} is missing.`);
  if (operands.length > wanted.length) {
    throw new UsageError(`${operands[wanted.length]} is too much.`);
  }
  for (const [name, option] of Object.entries(options)) {
    if (option.required && values[name] === undefined)
      throw new UsageError(`--${name} is missing.`);
  }
  return { command, operands, values };
}

const PROGRAM = 'clientforge';

function synopsis({ words, operands = [], options = {} }: Command): string {
  const needed = Object.entries(options).flatMap(([name, { required, value }]) =>
    required ? [value ? `--${name} ${value}` : `--${name}`] : [],
  );
  return [PROGRAM, ...words.filter(Boolean), ...operands, ...needed].join(' ');
}

/** What the tool can do, one line each. */
export function overview(commands: readonly Command[]): string {
  const names = commands.map(({ words }) => words.filter(Boolean).join(' '));
  const width = Math.max(...names.map((name) => name.length));
  const lines = commands.map(({ summary }, n) => `  ${names[n]!.padEnd(width)}  ${summary}`);
  return [
    `${PROGRAM} <noun> <verb> [options]`,
    '',
    ...lines,
    '',
    `Every command takes --json, --yes and --help: ${PROGRAM} ${names[0]} --help`,
    'Exit codes: 0 done, 1 refused or violated, 2 wrong usage, 3 could not run.',
    '',
  ].join('\n');
}

/** What one command takes, with an example. */
export function helpOf(command: Command): string {
  const options = Object.entries({ ...command.options, ...commonOptions });
  const names = options.map(([name, { value }]) => (value ? `--${name} ${value}` : `--${name}`));
  const width = Math.max(...names.map((name) => name.length));
  return [
    command.summary,
    '',
    `  ${synopsis(command)} [options]`,
    '',
    ...options.map(([, option], n) => {
      const initial = option.default === undefined ? '' : ` ${option.default} unless given.`;
      return `  ${names[n]!.padEnd(width)}  ${option.description}${initial}`;
    }),
    '',
    'Example:',
    `  ${command.example}`,
    '',
  ].join('\n');
}
