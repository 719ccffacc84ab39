import type { Database } from '../postgres/database.js';
import type { AppendOutcome, AppendRequest } from './port.js';
import { shardOf } from './shard.js';

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

interface OutcomeRow {
  item: number;
  status: AppendOutcome['status'];
  epoch: number;
  xid: string;
  pos: string;
  shard: number;
  stream: string | null;
  actual: string | null;
  hash: string | null;
  result: string | null;
}

const EXPECTED = { none: 0, exists: -1, any: -2 } as const;
const MAX_ITEMS = 64;
const MAX_LOCKS = 256;
/** Calls under way at once; more would only make the groups smaller. */
const CONCURRENCY = 2;

/** What an append locks; two appends that share one never travel in the same call. */
function claims({ tenantId, commandId, streams, keys }: AppendRequest): string[] {
  return [
    `c${tenantId}${commandId}`,
    ...streams.map(({ streamId }) => `s${tenantId}${streamId}`),
    ...(keys ?? []).map(({ subjectId }) => `k${tenantId}${subjectId}`),
  ];
}

/**
 * Appends waiting at the same moment go to the database in one call with one status per item:
 * they share the round trip and the flush, and a conflict fails only its own item.
 */
export class GroupAppend {
  private waiting: Waiting[] = [];
  private running = 0;
  private idle: (() => void)[] = [];

  constructor(private readonly database: Database) {}

  append(request: AppendRequest): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      this.start();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  drain(): Promise<void> {
    if (this.running === 0 && this.waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private start(): void {
    while (this.running < CONCURRENCY && this.waiting.length > 0) {
      const group = this.nextGroup();
      if (group.length === 0) return;
      this.running += 1;
      void this.send(group).finally(() => {
        this.running -= 1;
        this.start();
        if (this.running === 0 && this.waiting.length === 0) {
          for (const done of this.idle.splice(0)) done();
        }
      });
    }
  }

  private nextGroup(): Waiting[] {
    const claimed = new Set<string>();
    const group: Waiting[] = [];
    const rest: Waiting[] = [];
    for (const one of this.waiting) {
      const wanted = claims(one.request);
      const fits =
        group.length < MAX_ITEMS &&
        (group.length === 0 || claimed.size + wanted.length <= MAX_LOCKS) &&
        !wanted.some((claim) => claimed.has(claim));
      (fits ? group : rest).push(one);
      // What stays behind keeps its place: nothing later on the same stream may overtake it.
      for (const claim of wanted) claimed.add(claim);
    }
    this.waiting = rest;
    return group;
  }

  private async send(group: readonly Waiting[]): Promise<void> {
    try {
      const { rows } = await this.database.pool('api').query<OutcomeRow>({
        name: 'es_append',
        text: `SELECT * FROM es_append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)`,
        values: parameters(group.map(({ request }) => request)),
      });
      const outcomes = new Map(rows.map((row) => [row.item, outcome(row)]));
      group.forEach(({ resolve, reject }, index) => {
        const found = outcomes.get(index + 1);
        if (found) resolve(found);
        else reject(new Error('es_append answered without this item'));
      });
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error);
      // One bad item must not fail its neighbours: each gets its own call.
      else if ((error as { code?: string }).code) for (const one of group) await this.send([one]);
      else for (const { reject } of group) reject(error);
    }
  }
}

function outcome(row: OutcomeRow): AppendOutcome {
  const position = `${row.epoch}.${row.xid}.${row.pos}.${row.shard}`;
  switch (row.status) {
    case 'appended':
      return { status: 'appended', position };
    case 'duplicate':
      return {
        status: 'duplicate',
        stored: { requestHash: row.hash!, result: row.result!, position },
      };
    case 'reused':
      return { status: 'reused' };
    case 'conflict':
      return { status: 'conflict', streamId: row.stream!, actual: Number(row.actual) };
    case 'keyConflict':
      return { status: 'keyConflict', subjectId: row.stream! };
  }
}

/** The requests as the parallel arrays `es_append` takes. */
function parameters(requests: readonly AppendRequest[]): unknown[] {
  const items: unknown[][] = [[], [], [], []];
  const streams: unknown[][] = [[], [], [], []];
  const events: unknown[][] = [[], [], [], [], [], [], [], []];
  const keys: unknown[][] = [[], [], [], []];
  const add = (columns: unknown[][], ...values: unknown[]) =>
    values.forEach((value, index) => columns[index]!.push(value));
  requests.forEach((request, index) => {
    const { tenantId, commandId, requestHash, result } = request;
    add(items, tenantId, commandId, requestHash, result);
    for (const { streamId, expected, events: list } of request.streams) {
      const revision = typeof expected === 'number' ? expected : EXPECTED[expected];
      add(streams, index + 1, streamId, shardOf(tenantId, streamId), revision);
      for (const event of list) {
        add(
          events,
          streams[0]!.length,
          event.eventId,
          event.type,
          event.schemaVersion,
          event.data,
          event.meta,
          event.keyId ?? null,
          event.occurredAt?.getTime() ?? null,
        );
      }
    }
    for (const key of request.keys ?? []) {
      add(keys, index + 1, key.subjectId, key.version, key.wrapped);
    }
  });
  return [...items, ...streams, ...events, ...keys];
}
