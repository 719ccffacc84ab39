import { readFile } from 'node:fs/promises';
import type { Check, DoctorParts, Found } from './check.js';

/**
 * What one command's caller was told, one JSON object a line: `ok` accepted, `fail` refused, `info`
 * no answer or one that leaves it open. `events` of the command are in `streamId`, the last of them
 * at `revision`.
 */
export interface HistoryLine {
  readonly outcome: 'ok' | 'fail' | 'info';
  readonly tenantId: string;
  readonly commandId: string;
  readonly streamId: string;
  readonly events: number;
  /** Known where it was accepted. */
  readonly revision?: number;
}

interface Stored {
  n: string;
  stored: boolean;
  events: number;
  last: string | null;
}

function parse(text: string): HistoryLine[] {
  const lines = text.split('\n').filter(Boolean);
  return lines.map((line, index) => {
    try {
      const one = JSON.parse(line) as HistoryLine;
      if (/^(ok|fail|info)$/.test(one.outcome) && one.commandId && one.streamId) return one;
    } catch {
      // Told below, with the line.
    }
    throw new Error(`line ${index + 1} of the history is no operation: ${line.slice(0, 80)}`);
  });
}

/** What is wrong with one operation, in words. */
function wrong(line: HistoryLine, { stored, events, last }: Stored): string | undefined {
  const { outcome, revision } = line;
  if (outcome === 'fail') return events > 0 ? `was refused and has ${events} events` : undefined;
  if (outcome === 'info' && events === 0) {
    return stored ? 'has a stored answer without its events' : undefined;
  }
  if (events !== line.events) return `has ${events} of its ${line.events} events`;
  if (!stored) return 'has events without a stored answer';
  if (outcome === 'info' || revision === undefined || Number(last) === revision) return undefined;
  return `was acknowledged at revision ${revision} and stands at ${last}`;
}

async function history({ database, history: file }: DoctorParts): Promise<Found> {
  if (file === undefined) return { checked: 0, unchecked: 'no --history was given' };
  const lines = parse(await readFile(file, 'utf8'));
  const { rows } = await database.pool('feed').query<Stored>(
    `SELECT h.n, c.command_id IS NOT NULL AS stored, count(e.version)::int AS events,
        max(e.version) AS last
       FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS h (tenant, command, stream, n)
       LEFT JOIN es_command c ON c.tenant_id = h.tenant AND c.command_id = h.command
       LEFT JOIN es_event e ON e.tenant_id = h.tenant AND e.command_id = h.command
         AND e.stream_id = h.stream
      GROUP BY h.n, c.command_id ORDER BY h.n`,
    [
      lines.map(({ tenantId }) => tenantId),
      lines.map(({ commandId }) => commandId),
      lines.map(({ streamId }) => streamId),
    ],
  );
  for (const [index, line] of lines.entries()) {
    const problem = wrong(line, rows[index]!);
    if (!problem) continue;
    return {
      checked: lines.length,
      example: `${line.outcome} command ${line.commandId} ${problem}`,
    };
  }
  return { checked: lines.length };
}

export const historyChecks: readonly Check[] = [
  {
    name: 'history',
    invariant: 'I1',
    title: 'what was acknowledged is stored, what was refused is not',
    unit: 'operations',
    run: history,
  },
  {
    name: 'answers',
    invariant: 'I1',
    title: 'every event has the stored answer of its command',
    unit: 'events',
    async run({ database }) {
      const pool = database.pool('feed');
      const counted = await pool.query<{ n: string }>('SELECT count(*) AS n FROM es_event');
      const { rows } = await pool.query<{ stream: string; version: string; command: string }>(
        `SELECT e.stream_id AS stream, e.version, e.command_id AS command FROM es_event e
          WHERE NOT EXISTS (SELECT 1 FROM es_command c
            WHERE c.tenant_id = e.tenant_id AND c.command_id = e.command_id) LIMIT 1`,
      );
      const checked = Number(counted.rows[0]!.n);
      const [one] = rows;
      if (!one) return { checked };
      const example = `${one.stream} revision ${one.version}: no answer of command ${one.command}`;
      return { checked, example };
    },
  },
];
