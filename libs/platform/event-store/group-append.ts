import type { QueryConfig } from 'pg';
import { failpoint } from '../failpoints.js';
import { Cadence } from '../postgres/cadence.js';
import type { Database } from '../postgres/database.js';
import { binaryArray, type ElementName } from './arrays.js';
import type { AppendOutcome, AppendRequest } from './port.js';
import { shardOf } from './shard.js';

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** What the database answers; an item whose tenant an import holds is `busy`. */
type Answer = AppendOutcome | { readonly status: 'busy' };

const EXPECTED = { none: 0, exists: -1, any: -2 } as const;
/** Calls under way at once; more would only make the groups smaller. */
const CONCURRENCY = 2;
/** Calls that may wait for a tenant's lock, beside the others. */
const PATIENT = 2;
/** Rows and characters of one call: short transactions keep the feed's horizon close. */
const MAX_ROWS = 256;
const MAX_CHARACTERS = 1024 * 1024;
/** Errors (by SQLSTATE class) that one item causes and its neighbours do not share. */
const ITEM_ERROR = /^(21|22|23|40|54)/;

function size({ streams, keys, result }: AppendRequest): { rows: number; characters: number } {
  let rows = 1 + streams.length + (keys?.length ?? 0);
  let characters = result.length;
  for (const { events } of streams) {
    rows += events.length;
    for (const { data, meta } of events) characters += data.length + meta.length;
  }
  return { rows, characters };
}

/**
 * Appends waiting at the same moment go to the database in one call with one outcome per item:
 * they share the round trip and the flush, and a conflict fails only its own item. Tenants locked
 * by an import wait in calls of their own, so that nobody else waits with them.
 */
export class GroupAppend {
  private waiting: Waiting[] = [];
  private running = 0;
  /** Locked tenants, and whether a patient call for them is under way. */
  private readonly locked = new Map<string, boolean>();
  private scheduled = false;
  private readonly cadence = new Cadence();
  private idle: (() => void)[] = [];

  constructor(private readonly database: Database) {}

  append(request: AppendRequest): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      if (this.running > 0) this.cadence.crowded();
      this.schedule();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  drain(): Promise<void> {
    if (this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private isIdle(): boolean {
    return this.running === 0 && this.locked.size === 0 && this.waiting.length === 0;
  }

  /** Whatever else arrives in this turn of the event loop joins the same call. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.cadence.next(() => {
      this.scheduled = false;
      this.start();
    }, queueMicrotask);
  }

  private start(): void {
    let patient = [...this.locked.values()].filter(Boolean).length;
    for (const [tenant, underWay] of this.locked) {
      if (underWay || patient === PATIENT) continue;
      patient += 1;
      this.locked.set(tenant, true);
      void this.send(
        this.take(({ tenantId }) => tenantId === tenant),
        true,
      ).finally(() => {
        this.locked.delete(tenant);
        this.finished();
      });
    }
    while (this.running < CONCURRENCY) {
      const group = this.take(({ tenantId }) => !this.locked.has(tenantId));
      if (group.length === 0) break;
      this.running += 1;
      void this.send(group, false).finally(() => {
        this.running -= 1;
        this.finished();
      });
    }
  }

  private finished(): void {
    if (this.waiting.length > 0) this.schedule();
    else if (this.isIdle()) for (const done of this.idle.splice(0)) done();
  }

  /** The next group in order of arrival; what does not fit stays where it was. */
  private take(wanted: (request: AppendRequest) => boolean): Waiting[] {
    const group: Waiting[] = [];
    const rest: Waiting[] = [];
    const total = { rows: 0, characters: 0 };
    let full = false;
    for (const one of this.waiting) {
      if (full || !wanted(one.request)) {
        rest.push(one);
        continue;
      }
      const { rows, characters } = size(one.request);
      total.rows += rows;
      total.characters += characters;
      full = group.length > 0 && (total.rows > MAX_ROWS || total.characters > MAX_CHARACTERS);
      (full ? rest : group).push(one);
    }
    this.waiting = rest;
    return group;
  }

  private async send(group: readonly Waiting[], patient: boolean): Promise<void> {
    try {
      const requests = group.map(({ request }) => request);
      const call = { ...appendCall(requests, patient), ...this.database.named('es_append') };
      failpoint('before_append');
      const { rows } = await this.database.pool('api').query<AppendRow>(call);
      failpoint('after_append_before_ack');
      rows[0]!.outcomes.forEach((answer, index) => this.settle(group[index]!, answer));
    } catch (error) {
      const { code = '' } = error as { code?: string };
      const itemError = error instanceof TypeError || ITEM_ERROR.test(code);
      if (group.length === 1 || !itemError) for (const { reject } of group) reject(error);
      else for (const one of group) await this.send([one], patient);
    }
  }

  private settle(item: Waiting, answer: Answer): void {
    if (answer.status !== 'busy') return item.resolve(answer);
    const { tenantId } = item.request;
    this.waiting.push(item);
    if (!this.locked.has(tenantId)) this.locked.set(tenantId, false);
  }
}

/** The parallel arrays `es_append` takes: columns of items, streams, events and keys. */
const TYPES = {
  items: ['uuid', 'uuid', 'hex', 'text'],
  streams: ['int4', 'text', 'int2', 'int8'],
  events: ['int4', 'uuid', 'text', 'int4', 'text', 'text', 'text', 'int8'],
  keys: ['int4', 'uuid', 'int4', 'text'],
} as const satisfies Record<string, readonly ElementName[]>;
const COLUMNS = Object.values(TYPES).flat();
const STATEMENT = `SELECT es_append($1,${COLUMNS.map((_, n) => `$${n + 2}`).join(',')}) AS outcomes`;

/** The one row `es_append` answers with. */
export interface AppendRow {
  readonly outcomes: readonly Answer[];
}

/** One call of `es_append`, as the driver takes it. */
export function appendCall(requests: readonly AppendRequest[], patient: boolean): QueryConfig {
  return { text: STATEMENT, values: [patient, ...parameters(requests)] };
}

type Cell = string | number | null;

function parameters(requests: readonly AppendRequest[]): Buffer[] {
  const columns: Cell[][] = COLUMNS.map(() => []);
  const add = (first: number, ...cells: readonly Cell[]) =>
    cells.forEach((cell, index) => columns[first + index]!.push(cell));
  const [streamAt, eventAt, keyAt] = [4, 8, 16];
  let stream = 0;
  requests.forEach((request, index) => {
    const { tenantId, commandId, requestHash, result } = request;
    const item = index + 1;
    add(0, tenantId, commandId, requestHash, result);
    for (const { streamId, expected, events } of request.streams) {
      const revision = typeof expected === 'number' ? expected : EXPECTED[expected];
      stream += 1;
      add(streamAt, item, streamId, shardOf(tenantId, streamId), revision);
      for (const { eventId, type, schemaVersion, data, meta, keyId, occurredAt } of events) {
        const occurred = occurredAt?.getTime() ?? null;
        add(eventAt, stream, eventId, type, schemaVersion, data, meta, keyId ?? null, occurred);
      }
    }
    for (const { subjectId, version, wrapped } of request.keys ?? []) {
      add(keyAt, item, subjectId, version, wrapped);
    }
  });
  return COLUMNS.map((type, index) => binaryArray(type, columns[index]!));
}
