import type { FastifyRequest } from 'fastify';
import type { Socket } from 'socket.io';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { Platform } from '#platform/platform';
import { hiddenFrom } from '#platform/projections/field-rights';
import { reaches, type Visible } from '#platform/projections/visibility';
import type { ChangeDetail } from '../changes/change-details.js';
import { knownRecords, mayHear } from '../changes/change-rights.js';
import type { Change } from '../changes/change.js';
import type { Caller } from '../http/request-context.js';
import {
  ends,
  type ClientMessages,
  type EndCode,
  type ServerMessages,
  type SocketError,
  type SocketLimits,
  type Watched,
} from './protocol.js';
import { watchOf, type Watch } from './watches.js';

export type ClientSocket = Socket<ClientMessages, ServerMessages>;

/** How long a reader has to take the reason why the socket is closed. */
const FAREWELL_MS = 2_000;
const MINUTE_MS = 60_000;

export const errorOf = ({ code, message, details }: Refusal): SocketError => ({
  code,
  message,
  details,
});

/** One socket, whose it is, and how far it has been told. */
export class Session {
  /** Changes seen, as a place in the window; nothing is watched without. */
  cursor: number | undefined;
  position = '';
  private watches: readonly Watch[] = [];
  private known = new Map<string, Visible | undefined>();
  private told = '';
  private busySince: number | undefined;
  private minute = { began: 0, messages: 0 };
  private over = false;

  constructor(
    readonly socket: ClientSocket,
    /** A request with the token of the handshake, to ask for the caller again. */
    readonly asked: FastifyRequest,
    private present: Caller,
    private readonly platform: Platform,
    private readonly limits: SocketLimits,
  ) {}

  get id(): string {
    return this.socket.id;
  }

  get caller(): Caller {
    return this.present;
  }

  get hasEnded(): boolean {
    return this.over || this.socket.disconnected;
  }

  /** Replaces what is watched, unless something may not be. */
  async watch(what: readonly Watched[]): Promise<Refusal | undefined> {
    const found = await Promise.all(what.map((one) => watchOf(this.platform, this.present, one)));
    const refused = found.find(isRefusal);
    if (!refused) this.watches = found as Watch[];
    return refused;
  }

  /** The caller as they are now; what they may no longer watch is dropped. */
  async renew(caller: Caller): Promise<void> {
    const before = rightsOf(this.present);
    this.present = caller;
    this.known.clear();
    if (rightsOf(caller) === before) return;
    for (const watch of this.watches) {
      const refused = await watchOf(this.platform, caller, watch.what);
      if (!isRefusal(refused)) continue;
      this.watches = this.watches.filter((one) => one !== watch);
      this.socket.emit('dropped', { what: watch.what, error: errorOf(refused) });
    }
  }

  /** Whether the reader watches a change and may know of it. */
  wants(change: Change, detail: ChangeDetail): boolean {
    if (!this.watches.some((watch) => watch.holds(change, detail))) return false;
    if (!mayHear(this.present, change)) return false;
    const known = this.knownOf(change.type);
    return known !== undefined && reaches(known, detail.ownerId, detail.shares);
  }

  /** The names of changed fields as the reader may know them. */
  fieldsOf({ type }: Change, { fields }: ChangeDetail): readonly string[] {
    const hidden = hiddenFrom(this.present, this.platform.registry.modelOfRecord(type)!);
    return hidden.length > 0 ? fields.filter((field) => !hidden.includes(field)) : fields;
  }

  /** What readers who are sent the same message have in common, beside the changes in it. */
  get fieldRights(): string {
    return JSON.stringify(this.present.fields ?? {});
  }

  /** Whether new notifications are told by a message of their own. */
  get hearsNotifications(): boolean {
    return this.watches.some(({ what }) => what.to === 'notifications');
  }

  private knownOf(type: string): Visible | undefined {
    if (!this.known.has(type)) {
      const { reader, registry } = this.platform;
      this.known.set(type, knownRecords(reader, this.present, registry.modelOfRecord(type)!));
    }
    return this.known.get(type);
  }

  /** Whether so much waits for the reader that nothing is added; ends who stays so for long. */
  isBusy(now: number): boolean {
    const { writeBuffer } = this.socket.conn as unknown as { writeBuffer: readonly unknown[] };
    if (writeBuffer.length < this.limits.waiting) {
      this.busySince = undefined;
      return false;
    }
    this.busySince ??= now;
    if (now - this.busySince > this.limits.patienceMs) this.end('SLOW_READER');
    return true;
  }

  /** Tells a reader who hears nothing how far they are, so that they need not begin anew. */
  tellPosition(): void {
    if (this.cursor === undefined || this.told === this.position) return;
    this.told = this.position;
    this.socket.emit('changes', { position: this.position, changes: [] });
  }

  /** Counts a message of the client; false when there were too many. */
  admits(now: number): boolean {
    if (now - this.minute.began >= MINUTE_MS) this.minute = { began: now, messages: 0 };
    this.minute.messages += 1;
    if (this.minute.messages <= this.limits.messagesPerMinute) return true;
    this.end('TOO_MANY_MESSAGES');
    return false;
  }

  /** Closes the socket and says why. */
  end(code: EndCode, details: SocketError['details'] = []): void {
    if (this.over) return;
    this.over = true;
    this.socket.emit('end', { code, message: ends[code], details });
    this.socket.disconnect(true);
    // Who does not read does not take the farewell either.
    const { socket } = this.socket.request;
    const late = setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
    socket.once('close', () => clearTimeout(late));
  }
}

function rightsOf({ grants, teamUserIds, teamIds, fields }: Caller): string {
  return JSON.stringify([grants, teamUserIds, teamIds, fields]);
}
