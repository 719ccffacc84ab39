import { UnsafeDatabaseError } from '#platform/postgres/boot-checks';
import { ConfigError } from '#platform/config/config';
import { DatabaseUnreachableError } from './open-platform.js';

/** What runs until the process is asked to end. */
export interface Running {
  stop(): Promise<void>;
}

const STOP_MS = 20_000;

const say = (line: string) => process.stderr.write(`${line}\n`);

/** 1: something is wrong with us or our settings; 3: the database cannot be reached. */
function exitCodeOf(error: unknown): number {
  if (error instanceof DatabaseUnreachableError) return 3;
  const ours = error instanceof ConfigError || error instanceof UnsafeDatabaseError;
  const network = (error as { code?: string }).code === 'EADDRINUSE';
  if (!ours && !network) say((error as Error).stack ?? String(error));
  return 1;
}

function oneLine(error: unknown): string {
  const { code, message, port } = error as { code?: string; message: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is in use; set PORT to another one.`;
  return message.replaceAll('\n', ' ');
}

/**
 * Runs `start` and keeps the process until SIGINT, SIGTERM or the end of the parent process, then
 * stops in order and exits with 0. A start that fails says why in one line and exits with 1 or 3.
 */
export async function live(start: () => Promise<Running>): Promise<void> {
  let running: Running | undefined;
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    // Asked to end while still starting: what was started is stopped once it stands.
    if (running) void end(running);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.on('disconnect', stop);
  try {
    running = await start();
  } catch (error) {
    const code = exitCodeOf(error);
    say(`ClientForge could not start: ${oneLine(error)}`);
    process.exit(code);
  }
  if (stopping) await end(running);
}

async function end(running: Running): Promise<void> {
  setTimeout(() => {
    say('ClientForge did not stop in time.');
    process.exit(1);
  }, STOP_MS).unref();
  try {
    await running.stop();
    process.exit(0);
  } catch (error) {
    say(`ClientForge stopped with an error: ${oneLine(error)}`);
    process.exit(1);
  }
}
