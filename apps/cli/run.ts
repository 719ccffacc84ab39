import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { DatabaseUnreachableError, openPlatform } from '#apps/composition/open-platform';
import { ConfigError, loadConfig } from '#platform/config/config';
import { UnsafeDatabaseError } from '#platform/postgres/boot-checks';
import { exit, RefusedError, UsageError, type Call } from './command.js';
import { findCommand, helpOf, overview, parseLine, type Parsed } from './command-line.js';
import { commands } from './commands/all.js';
import { Output, type Terminal } from './output.js';

export interface Surroundings {
  readonly terminal: Terminal;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Lets the process go behind others, where it is the command's own. */
  readonly standBack?: () => void;
}

/** Runs one command line and answers its exit code. */
export async function runCli(args: readonly string[], around: Surroundings): Promise<number> {
  const { terminal } = around;
  const out = new Output(terminal, args.includes('--json'));
  try {
    const command = findCommand(commands, args);
    if (!command) {
      const asked = args.length > 0;
      (asked ? terminal.out : terminal.error).write(overview(commands));
      return asked ? exit.done : exit.usage;
    }
    const parsed = parseLine(command, args);
    if (parsed.values['help']) {
      terminal.out.write(helpOf(command));
      return exit.done;
    }
    return await execute(parsed, out, around);
  } catch (error) {
    return explain(error, out);
  }
}

async function execute(parsed: Parsed, out: Output, around: Surroundings): Promise<number> {
  const { values, operands } = parsed;
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  let opened: ReturnType<Call['open']> | undefined;
  const config = loadConfig(around.environment);
  const call: Call = {
    operands,
    text: (option) => values[option] as string | undefined,
    flag: (option) => values[option] === true,
    out,
    config,
    environment: around.environment,
    open: () =>
      (opened ??= openPlatform(config, {
        besideServer: true,
        say: (line) => out.note(line),
        log: ({ message, error }) => out.note(`${message} ${(error as Error)?.message ?? ''}`),
      })),
    readInput: async () => (await text(around.input)).replace(/\r?\n$/, ''),
    confirm: (question) => confirm(question, values['yes'] === true, around),
    signal: stop.signal,
    standBack: around.standBack ?? (() => undefined),
  };
  try {
    return (await parsed.command.run(call)) ?? exit.done;
  } finally {
    process.off('SIGINT', interrupt);
    await opened?.then(({ close }) => close()).catch(() => undefined);
  }
}

async function confirm(question: string, yes: boolean, around: Surroundings): Promise<boolean> {
  if (yes) return true;
  if (!around.input.isTTY) throw new UsageError(`${question} Give --yes to go on without asking.`);
  const lines = createInterface({
    input: around.input,
    output: around.terminal.error as NodeJS.WritableStream,
  });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

/** Says what went wrong and whose fault it is. */
function explain(error: unknown, out: Output): number {
  if (error instanceof UsageError) {
    out.fail('USAGE', error.message);
    out.note('clientforge help shows what there is.');
    return exit.usage;
  }
  if (error instanceof RefusedError) {
    out.refuse(error.refusal);
    return exit.refused;
  }
  if (error instanceof ConfigError) out.fail('CONFIG', error.message);
  else if (error instanceof DatabaseUnreachableError) out.fail('DATABASE', error.message);
  else if (error instanceof UnsafeDatabaseError) out.fail('DATABASE', error.message);
  else out.fail('FAILED', (error as Error).stack ?? String(error));
  return exit.notRun;
}
