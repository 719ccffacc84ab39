import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import type pg from 'pg';

/**
 * Behind others, but not behind everything: with the lowest, commands waited longer than with this
 * one where all processors were busy (decision 0065).
 */
const BEHIND = constants.priority.PRIORITY_BELOW_NORMAL;

/** What the driver knows of a connection and does not declare. */
interface Connected {
  readonly processID: number | null;
  readonly connection: { readonly stream: Socket };
}

/**
 * Lets this process go behind all others of the machine where processors are short. There is no way
 * back, so only one that does nothing else may do that, after it started whatever it leaves behind.
 */
export function standBack(): void {
  lower(0);
}

/**
 * The same for the server process of a connection, where PostgreSQL runs beside us under our user,
 * as the one npm brings does. Elsewhere, and behind a pooler, nothing happens.
 */
export function standBackOnServer(client: pg.ClientBase): void {
  const { processID: pid, connection } = client as unknown as Connected;
  if (pid && isServing(pid, connection.stream.localPort)) lower(pid);
}

/** Whether this process of the machine is the one at the other end of our connection. */
function isServing(pid: number, port: number | undefined): boolean {
  try {
    const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return title.startsWith('postgres: ') && title.includes(`(${port}) `);
  } catch {
    // It runs elsewhere, or the system does not tell.
    return false;
  }
}

function lower(pid: number): void {
  try {
    setPriority(pid, BEHIND);
  } catch {
    // It belongs to another user: then it has its usual share.
  }
}
