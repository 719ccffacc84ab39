import { everything } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import type { Platform } from '#platform/platform';
import { BEAT_SECONDS, lookedKey, Presence, type Looked } from '#platform/sockets/presence';
import type { PresenceMessage } from './protocol.js';
import type { Session } from './session.js';
import { readable } from './watches.js';

/** The shortest time between two looks at who is there. */
const PAUSE_MS = 250;

interface Looking extends Looked {
  /** What the reader was told last. */
  told: string;
}

/** Tells those who look at a record who else does, whichever process they are connected to. */
export class Lookers {
  private readonly looking = new Map<Session, Looking>();
  private readonly presence: Presence;
  private beating: NodeJS.Timeout | undefined;
  private due: NodeJS.Timeout | undefined;
  private work: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly platform: Platform,
    private readonly log: (error: unknown) => void,
  ) {
    this.presence = new Presence(platform.database, platform.wakeUp);
    platform.wakeUp.on('presence', () => this.soon());
  }

  /** Somebody who may read a record looks at it from now on, or edits it. */
  async look(session: Session, at: Looked, edits: boolean): Promise<void> {
    if (!this.beating) {
      await this.presence.beat();
      this.beating ??= setInterval(() => this.beat(), BEAT_SECONDS * 1_000).unref();
    }
    const { tenantId, actor } = session.caller;
    const looking = { ...at, told: '' };
    this.looking.set(session, looking);
    await this.presence.look(tenantId, session.id, { id: actor.id, edits }, at);
    // Gone while it was written down: nobody else takes it back.
    if (this.looking.get(session) !== looking) await this.presence.leave(tenantId, session.id);
  }

  async leave(session: Session): Promise<void> {
    if (!this.looking.delete(session)) return;
    await this.presence.leave(session.caller.tenantId, session.id);
  }

  /** Whoever may no longer read the record no longer learns who looks at it. */
  async check(session: Session): Promise<void> {
    const at = this.looking.get(session);
    if (at && isRefusal(await readable(this.platform, session.caller, at))) {
      await this.leave(session);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.beating);
    clearTimeout(this.due);
    this.looking.clear();
    await this.work;
    if (this.beating) await this.presence.close();
  }

  private beat(): void {
    this.presence.beat().catch(this.log);
    // Somebody may have vanished without a word.
    this.soon();
  }

  private soon(): void {
    if (this.due || this.closed || this.looking.size === 0) return;
    this.due = setTimeout(() => {
      this.due = undefined;
      this.work = this.work.then(() => this.tell()).catch(this.log);
    }, PAUSE_MS).unref();
  }

  private async tell(): Promise<void> {
    const tenants = Map.groupBy(this.looking, ([session]) => session.caller.tenantId);
    for (const [tenantId, lookers] of tenants) {
      const records = new Map(lookers.map(([, at]) => [lookedKey(at), at]));
      const found = await this.presence.at(tenantId, [...records.values()]);
      const names = await this.namesOf(
        tenantId,
        new Set([...found.values()].flat().map(({ id }) => id)),
      );
      for (const [session, at] of lookers) {
        if (this.looking.get(session) !== at || session.hasEnded) continue;
        const present = found.get(lookedKey(at)) ?? [];
        const people = present.map(({ id, edits }) => ({ id, name: names.get(id) ?? '', edits }));
        const message: PresenceMessage = { type: at.type, id: at.id, people };
        const text = JSON.stringify(message);
        if (text === at.told) continue;
        at.told = text;
        session.socket.emit('presence', message);
      }
    }
  }

  private async namesOf(
    tenantId: string,
    ids: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, string>> {
    const { reader, registry } = this.platform;
    const requestId = uuidv7();
    const actor = { type: 'system', id: 'presence' } as const;
    const ctx = { tenantId, actor, grants: everything, requestId, correlationId: requestId };
    const rows = await reader.many(ctx, registry.readModel('users'), [...ids]);
    return new Map(rows.map((row) => [String(row['id']), String(row['fullName'] ?? '')]));
  }
}
