import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { deriveId, hashId, uuidv7 } from '#kernel/ids';
import type { HistoryLine } from '#platform/operations/doctor/history';

/** Who writes: a signed-in person of a workspace. */
export interface Writer {
  readonly tenantId: string;
  readonly userId: string;
  readonly token: string;
}

/** Everything the writers saw. */
export interface Load {
  readonly counts: Readonly<Record<HistoryLine['outcome'], number>>;
  /** Answers with a status and no retry-after where one belongs, and others nobody expects. */
  readonly odd: readonly string[];
  readonly statuses: ReadonlyMap<number, number>;
  /** Milliseconds from the last answer before a pause to the first after it. */
  readonly longestGap: number;
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Where the API is just now; it may change with every restart. */
  readonly url: () => string;
  readonly writer: Writer;
  readonly writers: number;
  /** Where what was answered is written, a JSON object a line. */
  readonly history: string;
  /** Milliseconds between two operations of one writer. */
  readonly pauseMs?: number;
  /** How long an answer may take before it counts as lost. */
  readonly timeoutMs?: number;
}

/**
 * Writers that create companies one after the other, each with an idempotency key of its own, and
 * write down what they were told: accepted, refused, or nothing that can be relied on.
 */
export function startLoad(options: LoadOptions): Load {
  const { url, writer, writers, history, pauseMs = 5, timeoutMs = 10_000 } = options;
  const counts = { ok: 0, fail: 0, info: 0 };
  const odd: string[] = [];
  const statuses = new Map<number, number>();
  let [stopped, lastOk, longestGap] = [false, Date.now(), 0];
  writeFileSync(history, '', { flag: 'a' });

  const tell = (line: HistoryLine) => {
    counts[line.outcome] += 1;
    appendFileSync(history, `${JSON.stringify(line)}\n`);
  };
  const once = async () => {
    const key = uuidv7();
    const { tenantId, userId, token } = writer;
    const commandId = hashId('rest', tenantId, userId, 'POST /companies', key);
    // The id of a new record follows from its command, so an unknown one can be found as well.
    const place = { tenantId, commandId, events: 1 };
    const streamId = `company-${deriveId(tenantId, commandId, 0)}`;
    try {
      const response = await fetch(`${url()}/api/v1/companies`, {
        method: 'POST',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          'idempotency-key': `"${key}"`,
          prefer: 'respond-async',
        },
        body: JSON.stringify({ name: `Company ${key}` }),
      });
      const text = await response.text();
      const { status } = response;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 201 || status === 202) {
        tell({ outcome: 'ok', ...place, streamId, revision: 1 });
        longestGap = Math.max(longestGap, Date.now() - lastOk);
        lastOk = Date.now();
      } else if (status >= 500) {
        tell({ outcome: 'info', ...place, streamId });
        if (status !== 503 || !response.headers.get('retry-after')) odd.push(`${status} ${text}`);
      } else {
        tell({ outcome: 'fail', ...place, streamId });
        odd.push(`${status} ${text}`);
      }
    } catch {
      tell({ outcome: 'info', ...place, streamId });
      await pause(100);
    }
  };
  const loops = Array.from({ length: writers }, async () => {
    while (!stopped) {
      await once();
      await pause(pauseMs);
    }
  });
  return {
    counts,
    odd,
    statuses,
    get longestGap() {
      return Math.max(longestGap, Date.now() - lastOk);
    },
    stop: async () => {
      stopped = true;
      await Promise.all(loops);
    },
  };
}
