import { Readable } from 'node:stream';
import { runCli } from '#apps/cli/run';
import type { TestDatabase } from './database.js';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
  /** What was answered under `--json`. */
  json(): any;
}

/** Runs command lines of the operator's tool on a test's database. */
export function cliOn(
  test: Pick<TestDatabase, 'url' | 'masterKey'>,
  environment: Readonly<Record<string, string>> = {},
  standBack?: () => void,
) {
  return async (line: string, input = ''): Promise<Ran> => {
    const texts = { out: '', error: '' };
    const sink = (name: 'out' | 'error') => ({
      write: (text: string) => (texts[name] += text),
    });
    const args = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const code = await runCli(args, {
      terminal: { out: sink('out'), error: sink('error'), noColor: true },
      input: Readable.from([input]),
      environment: {
        DATABASE_URL: test.url,
        MASTER_KEY: test.masterKey.toString('base64'),
        ALLOW_UNSAFE_DURABILITY: 'true',
        ...environment,
      },
      ...(standBack && { standBack }),
    });
    return { code, ...texts, json: () => JSON.parse(texts.out) as unknown };
  };
}
