import { everything, type RequestContext } from '#kernel/context';
import { isUuid, uuidv7 } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { ErasureReason } from '#event-schemas/platform/erasure.events';
import { isDestroyed } from '../event-store/tables.sql.js';
import { systemContext, type Platform } from '../platform.js';
import { allApplied } from './all-applied.js';
import type { ErasureList, ListedErasure } from './erasure-list.js';
import { forgetBeside, tombstone, type Reached } from './forget-beside.js';
import { forgetJobs, type Reach } from './forget-jobs.js';
import { forgetRows } from './forget-rows.js';
import { recordErasure } from './record-erasure.js';
import { BACKUPS, namingRecords, UNSCRUBBED, type ErasureReport, type Residue } from './report.js';
import { mentionsOf, ownStreams, tracesOf, type Subject, type Traces } from './traces.js';

export interface ErasureRequest {
  /** Contact, user or other record personal data is sealed under. */
  readonly subjectId: string;
  readonly reason: ErasureReason;
  /** Number of the request; no personal data. */
  readonly reference?: string;
  /** The same id is one erasure, however often it is begun. */
  readonly id?: string;
}

export interface ErasureParts {
  readonly platform: Platform;
  readonly list: ErasureList;
  /** Copies outside the database. */
  readonly reaches: readonly Reach[];
  /** Category → command that ends a record's life before its data goes. */
  readonly farewells: Readonly<Record<string, string>>;
}

interface Found {
  readonly reached: readonly Reached[];
  readonly remains: readonly Residue[];
}

/** A farewell refused for these reasons was said before. */
const GONE = ['NOT_FOUND', 'STREAM_CLOSED'];
const nothing: Found = { reached: [], remains: [] };

/** Erases data subjects: everything sealed under their keys becomes unreadable, for ever. */
export class Erasure {
  constructor(private readonly parts: ErasureParts) {}

  /** Erases one subject and reports; begun again it goes on, and changes nothing once it is done. */
  async erase(request: ErasureRequest, ctx: RequestContext): Promise<ErasureReport | Refusal> {
    const { platform, list } = this.parts;
    const subject = { tenantId: ctx.tenantId, subjectId: request.subjectId.toLowerCase() };
    if (!isUuid(subject.subjectId)) return unknown;
    const traces = await tracesOf(platform.database, subject);
    if (traces.keys.length + traces.destroyed === 0) return unknown;
    const id = request.id ?? uuidv7();
    const begun = (await list.of(ctx.tenantId)).find((one) => one.id === id);
    if (!begun && traces.keys.length === 0) return this.sweep(subject, traces, null, nothing);
    const refused = await this.farewell(subject, traces, ctx);
    if (refused) return refused;
    const erasure: ListedErasure = begun ?? {
      ...subject,
      id,
      keys: traces.keys,
      reason: request.reason,
      ...(request.reference ? { reference: request.reference } : {}),
      by: ctx.actor,
      at: platform.clock().toISOString(),
    };
    // First of all: whatever happens next, also a restoration, it is going to be done.
    if (!begun) await list.add(erasure);
    return this.carryOut(erasure, traces);
  }

  /**
   * Does what the list says and the database does not, as after a crash or a restoration; to be
   * done before anything is served. Answers how many erasures that were.
   */
  async settle(): Promise<number> {
    const pending = await this.pending();
    for (const erasure of pending) {
      const traces = await tracesOf(this.parts.platform.database, erasure);
      // Decided long ago: what a rule says against it today does not matter.
      await this.farewell(erasure, traces, systemContext(erasure.tenantId, 'erasure'));
      await this.carryOut(erasure, traces);
    }
    return pending.length;
  }

  /**
   * Destroys the keys of what the list says and ends the streams, nothing more: for a log whose
   * read models are still to be built.
   */
  async settleLog(): Promise<number> {
    const pending = await this.pending();
    for (const erasure of pending) {
      const traces = await tracesOf(this.parts.platform.database, erasure);
      await this.farewell(erasure, traces, systemContext(erasure.tenantId, 'erasure'));
      await recordErasure(this.parts.platform, erasure);
      await tombstone(this.parts.platform.store, erasure, traces);
      await forgetBeside(this.parts.platform.database, erasure, traces);
    }
    return pending.length;
  }

  private async pending(): Promise<readonly ListedErasure[]> {
    const { platform, list } = this.parts;
    const pending: ListedErasure[] = [];
    for (const tenantId of await list.tenants()) {
      const listed = await list.of(tenantId);
      // A subject without any key came after the backup: there is nothing of it to erase. Nor is
      // there of a workspace that was deleted as a whole.
      const { rows } = await platform.database.pool('feed').query<{ id: string }>(
        `SELECT l.id FROM jsonb_to_recordset($2::jsonb) AS l(id uuid, "subjectId" uuid, keys int[])
          WHERE NOT ${isDestroyed('$1')}
            AND EXISTS (SELECT 1 FROM es_subject_key k WHERE k.tenant_id = $1
              AND k.subject_id = l."subjectId" AND k.version = ANY (l.keys))
            AND (NOT EXISTS (SELECT 1 FROM es_command c
                WHERE c.tenant_id = $1 AND c.command_id = l.id)
              OR EXISTS (SELECT 1 FROM es_subject_key k WHERE k.tenant_id = $1
                AND k.subject_id = l."subjectId" AND k.version = ANY (l.keys)
                AND k.wrapped IS NOT NULL))`,
        [tenantId, JSON.stringify(listed)],
      );
      const ids = new Set(rows.map(({ id }) => id));
      pending.push(...listed.filter(({ id }) => ids.has(id)));
    }
    return pending;
  }

  private async carryOut(erasure: ListedErasure, traces: Traces): Promise<ErasureReport> {
    // Copies are recognised by what is about to become unreadable.
    const copies = traces.keys.length > 0 ? await this.forgetCopies(erasure, traces) : nothing;
    const position = await recordErasure(this.parts.platform, erasure);
    return this.sweep(erasure, traces, { id: erasure.id, position }, copies);
  }

  /** Ends the life of the subject's own records, as a person would; the refusal where that fails. */
  private async farewell(
    subject: Subject,
    traces: Traces,
    ctx: RequestContext,
  ): Promise<Refusal | undefined> {
    const { platform, farewells } = this.parts;
    for (const stream of ownStreams(traces, subject)) {
      const command = farewells[stream.slice(0, stream.indexOf('-'))];
      if (!command) continue;
      const rights = { ...ctx, grants: everything };
      const answer = await platform.dispatch(command, {}, rights, { id: subject.subjectId });
      if (isRefusal(answer) && !GONE.includes(answer.code)) return answer;
    }
    return undefined;
  }

  private async forgetCopies(subject: Subject, traces: Traces): Promise<Found> {
    const { platform, reaches } = this.parts;
    const mentions = await mentionsOf(platform, subject, traces);
    const jobs = await forgetJobs(platform, subject.tenantId, mentions);
    const all = [{ place: 'jobs', ...jobs }];
    for (const reach of reaches) {
      const copies = await reach.erase(subject.tenantId, mentions, jobs.busyIds);
      all.push({ ...jobs, place: reach.place, ...copies });
    }
    const remedy = 'Somebody works on them. Erase the subject again once they are done.';
    return {
      reached: all.map(({ place, erased }) => ({ place, count: erased })),
      remains: all
        .filter(({ busy }) => busy > 0)
        .map(({ place, busy }) => ({ place, count: busy, remedy })),
    };
  }

  /** Makes everything that was derived forget, and reports. */
  private async sweep(
    subject: Subject,
    traces: Traces,
    event: { readonly id: string; readonly position: string } | null,
    copies: Found,
  ): Promise<ErasureReport> {
    const { platform } = this.parts;
    const { database, store, codec, options, registry } = platform;
    const models = [...registry.readModels.values()];
    const closed = await tombstone(store, subject, traces);
    const beside = await forgetBeside(database, subject, traces);
    if (event) await allApplied(platform, event.position);
    const parts = { url: options.url, database, store, codec, models };
    const rows = await forgetRows(parts, subject, traces);
    const { tenantId, subjectId } = subject;
    return {
      tenantId,
      subjectId,
      id: event?.id ?? null,
      closed,
      reached: [
        { place: 'keys', count: traces.keys.length },
        { place: 'events', count: traces.events },
        { place: 'addresses in events', count: traces.caused },
        ...rows.map(({ table, rows: count }) => ({ place: table, count })),
        ...beside,
        ...copies.reached,
      ].filter(({ count }) => count > 0),
      remains: [
        ...copies.remains,
        ...(await namingRecords(database, models, subject)),
        UNSCRUBBED,
        BACKUPS,
      ],
    };
  }
}

const unknown = refusal(
  'SUBJECT_UNKNOWN',
  'missing',
  'No personal data is kept under this id in this workspace.',
  [
    {
      field: 'id',
      rule: 'subject',
      message: 'No personal data is kept under this id in this workspace.',
      remedy: 'Give the id of a contact, a user or another record people are described under.',
    },
  ],
);
