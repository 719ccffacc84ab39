import { Injectable, inject, signal } from '@angular/core';
import type { Socket } from 'socket.io-client';
import { Api } from './api';

/** Something on the server that pages want to hear of. */
export interface Watched {
  readonly to: 'record' | 'type' | 'board' | 'notifications';
  readonly type?: string;
  readonly id?: string;
  /** With a record: those that belong to it as well. */
  readonly related?: boolean;
}
/** A record changed; its values are read anew. */
export interface Change {
  readonly type: string;
  readonly id: string;
  /** Revision of the record afterwards. */
  readonly version: number;
  readonly position: string;
}
/** A page that wants to hear of changes. */
export interface Interest {
  readonly what: Watched;
  /** Told of changes, oldest first; some of them may be told twice. */
  changed(changes: readonly Change[]): void;
  /** Told that changes may have been missed: what is shown has to be read again. */
  missed(): void;
}
export interface Looked {
  readonly type: string;
  readonly id: string;
  /** Whether somebody changes a value there just now. */
  readonly edits?: boolean;
}
/** Who looks at a record, the person here included. */
export interface Present extends Looked {
  readonly people: readonly {
    readonly id: string;
    readonly name: string;
    readonly edits: boolean;
  }[];
}
interface Problem {
  readonly code: string;
  readonly details?: readonly { readonly rule?: string }[];
}
type Answer =
  { readonly ok: true; readonly position: string; readonly resync?: true } | { readonly ok: false };

/** How long the connection may be away before it is said. */
const PATIENCE_MS = 2_000;
const ANSWER_MS = 15_000;
const LONGEST_WAIT_MS = 20_000;

/** Nothing that does is left out; who watches several things may be told of more. */
function concerns({ to, type, id, related }: Watched, change: Change): boolean {
  if (to === 'notifications') return change.type === 'notification';
  if (to === 'board') return change.type === 'deal' || change.id === id;
  if (change.type !== type) return related === true && change.type !== 'notification';
  return to === 'type' || change.id === id;
}

/**
 * The one connection of this tab over which the server tells what changes. It comes back by itself
 * and goes on after the last change that was told; where that is not possible pages read again.
 */
@Injectable({ providedIn: 'root' })
export class Live {
  private readonly api = inject(Api);
  private readonly interests = new Set<Interest>();
  private looked: Looked | undefined;
  private position: string | undefined;
  private socket: Socket | undefined;
  private stop = new AbortController();
  private patience: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;
  private isDue = false;
  private readonly present = signal<Present | undefined>(undefined);
  private readonly away = signal(false);
  /** Who looks at the record that is shown. */
  readonly presence = this.present.asReadonly();
  /** Whether changes of others do not arrive just now. */
  readonly isAway = this.away.asReadonly();

  /** Connects, and stays connected until `close`. */
  start(): void {
    this.close();
    this.waitPatiently();
    void this.open((this.stop = new AbortController()).signal);
  }

  /** Whoever was signed in here is no longer. */
  close(): void {
    this.stop.abort();
    clearTimeout(this.patience);
    this.socket?.close();
    this.socket = this.position = this.patience = undefined;
    this.tries = 0;
    this.away.set(false);
    this.present.set(undefined);
  }

  /** Tells of changes until the answer is called. */
  watch(interest: Interest): () => void {
    this.interests.add(interest);
    this.say();
    return () => {
      this.interests.delete(interest);
      this.say();
    };
  }

  /** Says which record is looked at until the answer is called. */
  look(at: Looked): () => void {
    if (this.present()?.id !== at.id) this.present.set(undefined);
    this.looked = at;
    this.say();
    return () => {
      if (this.looked !== at) return;
      this.looked = undefined;
      this.say();
    };
  }

  /** States what is watched, once for all that changes in the same breath. */
  private say(): void {
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(() => {
      this.isDue = false;
      if (!this.looked) this.present.set(undefined);
      if (this.socket?.connected) void this.tellServer(this.socket);
    });
  }

  private async open(stop: AbortSignal): Promise<void> {
    try {
      const { io } = await import('socket.io-client');
      if (stop.aborted) return;
      this.socket = io({
        path: '/ws',
        transports: ['websocket'],
        forceNew: true,
        reconnectionDelay: 250,
        reconnectionDelayMax: LONGEST_WAIT_MS,
        auth: (give) => give({ token: this.api.authorization['authorization']?.slice(7) }),
      });
      this.hear(this.socket, stop);
    } catch {
      // Out of reach since the page was loaded.
      this.later(stop, () => void this.open(stop));
    }
  }

  private hear(socket: Socket, stop: AbortSignal): void {
    socket.on('connect', () => void this.tellServer(socket));
    socket.on('changes', (message: { position: string; changes: readonly Change[] }) => {
      this.position = message.position;
      for (const interest of this.interests) {
        const own = message.changes.filter((change) => concerns(interest.what, change));
        if (own.length > 0) interest.changed(own);
      }
    });
    socket.on('presence', (message: Present) => {
      if (message.id === this.looked?.id) this.present.set(message);
    });
    socket.on('resync', ({ position }: { position: string }) => this.readAgain(position));
    let ended: Problem | undefined;
    socket.on('end', (problem: Problem) => (ended = problem));
    socket.on('disconnect', (reason) => {
      if (stop.aborted) return;
      this.waitPatiently();
      const problem = ended;
      ended = undefined;
      // After other reasons the client comes back by itself.
      if (reason === 'io server disconnect') void this.comeBack(socket, stop, problem);
    });
    socket.on('connect_error', (error: Error & { data?: Problem }) => {
      if (!socket.active) void this.comeBack(socket, stop, error.data);
    });
  }

  /** Connects again, with a new token where the old one is no longer good. */
  private async comeBack(socket: Socket, stop: AbortSignal, problem?: Problem): Promise<void> {
    if (stop.aborted) return;
    if (problem?.code === 'UNAUTHENTICATED') {
      try {
        const isKnown = await this.api.renewOnce();
        if (!isKnown && !stop.aborted) return this.api.lost(problem.details?.[0]?.rule);
      } catch {
        // The server cannot be reached just now.
      }
    }
    this.later(stop, () => socket.connect());
  }

  /** Waits longer each time, and not as long as others who were cut off at the same moment. */
  private later(stop: AbortSignal, work: () => void): void {
    const wait = Math.min(LONGEST_WAIT_MS, 250 * 2 ** this.tries++) * (0.5 + Math.random() / 2);
    setTimeout(() => stop.aborted || work(), wait);
  }

  private waitPatiently(): void {
    this.patience ??= setTimeout(() => this.away.set(true), PATIENCE_MS);
  }

  private async tellServer(socket: Socket): Promise<void> {
    const interests = [...this.interests];
    const isFirst = this.position === undefined;
    // What a page read just now may be older than what this tab was told last, never newer.
    const after = isFirst ? {} : { after: this.position };
    try {
      const ask = socket.timeout(ANSWER_MS);
      const [answer] = (await Promise.all([
        ask.emitWithAck('watch', { what: interests.map(({ what }) => what), ...after }),
        ask.emitWithAck('look', this.looked ?? {}),
      ])) as [Answer, unknown];
      if (!answer.ok) return this.giveUpNewest(interests);
      clearTimeout(this.patience);
      this.patience = undefined;
      this.tries = 0;
      this.away.set(false);
      if (isFirst || answer.resync) this.readAgain(answer.position);
    } catch {
      // Cut off meanwhile, or a server that says nothing: the connection is made anew.
      if (socket.connected) socket.io.engine.close();
    }
  }

  /** One thing that may not be watched would keep all others from being watched. */
  private giveUpNewest(interests: readonly Interest[]): void {
    const newest = interests.at(-1);
    if (!newest) return;
    this.interests.delete(newest);
    this.say();
  }

  private readAgain(position: string): void {
    this.position = position;
    for (const interest of this.interests) interest.missed();
  }
}
