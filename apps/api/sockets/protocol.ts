import { choice, flag, list, object, optional, text, uuid, type Static } from '#kernel/fields';
import type { Actor } from '#kernel/context';
import type { Refusal, RefusalDetail } from '#kernel/refusal';

/** Where sockets are opened; WebSocket only, so that any process can take any of them. */
export const SOCKET_PATH = '/ws';

/** Bounds of one socket; sizes in changes and messages, times in milliseconds. */
export const SOCKET_LIMITS = {
  watched: 20,
  /** Bytes of one message to the server. */
  messageBytes: 16_384,
  /** Messages to the server in a minute. */
  messagesPerMinute: 240,
  /** Changes in one message. */
  changes: 200,
  /** Messages that may wait for a slow reader before it gets no more. */
  waiting: 4,
  /** How long a reader may be that slow before it is cut off. */
  patienceMs: 15_000,
  /** The shortest time between two messages of changes. */
  pauseMs: 100,
  /** How often rights are read again; well within the minute after which a session may be over. */
  checkMs: 20_000,
} as const;
export type SocketLimits = { readonly [Name in keyof typeof SOCKET_LIMITS]: number };

const targets = ['workspace', 'type', 'record', 'board', 'notifications'] as const;

/** One thing that is watched; `type` and `id` as the kind of it needs them. */
export const watched = object({
  to: choice(targets),
  /** Type of record: `deal`. */
  type: optional(text(50)),
  /** Id of the record, or of the board's pipeline. */
  id: optional(uuid()),
  /** With a record: those that belong to it as well, such as its notes and deals. */
  related: optional(flag()),
});
export type Watched = Static<typeof watched>;

/** `watch`: everything this socket wants to hear of, in place of what it wanted before. */
export const watchMessage = object({
  what: list(watched, SOCKET_LIMITS.watched),
  /** The last position seen; changes after it come first. */
  after: optional(text(100)),
});

/** `look`: the record whose page is open, or none. */
export const lookMessage = object({
  type: optional(text(50)),
  id: optional(uuid()),
  /** Whether the reader changes something there just now. */
  edits: optional(flag()),
});

/** A change of a record as readers get it: names of fields, no values. */
export interface ChangeMessage {
  readonly type: string;
  readonly id: string;
  readonly action: string;
  /** Revision of the record after the change. */
  readonly version: number;
  readonly position: string;
  readonly occurredAt: string;
  readonly actor: Actor;
  readonly fields: readonly string[];
}

/** Who looks at a record, the reader included. */
export interface PresenceMessage {
  readonly type: string;
  readonly id: string;
  readonly people: readonly {
    readonly id: string;
    readonly name: string;
    readonly edits: boolean;
  }[];
}

export type SocketError = Pick<Refusal, 'code' | 'message'> & {
  readonly details: readonly RefusalDetail[];
};

/** What the server sends, by name. */
export interface ServerMessages {
  /** Changes, oldest first, and the position of whoever has them; without any, the position only. */
  changes(message: { readonly position: string; readonly changes: readonly ChangeMessage[] }): void;
  'notification:new'(message: { readonly id: string; readonly position: string }): void;
  presence(message: PresenceMessage): void;
  /** Changes were missed: read again, and go on from here. */
  resync(message: { readonly position: string }): void;
  /** A right ended, and what was watched by it with it. */
  dropped(message: { readonly what: Watched; readonly error: SocketError }): void;
  /** Why the server closes the socket. */
  end(message: Omit<SocketError, 'code'> & { readonly code: EndCode }): void;
}

/** Why a socket is closed, and what to do about it. */
export const ends = {
  UNAUTHENTICATED: 'The session, the token or the API key has ended. Sign in and connect again.',
  SLOW_READER: 'Messages were not read in time. Connect again and watch from your last position.',
  TOO_MANY_MESSAGES: 'There were too many messages. Wait a moment and connect again.',
  SERVER_CLOSING: 'This server goes away. Connect again and watch from your last position.',
} as const;
export type EndCode = keyof typeof ends;

export type Answer<Data extends object = object> =
  ({ readonly ok: true } & Data) | { readonly ok: false; readonly error: SocketError };

type Ack = (answer: Answer) => void;
/** What clients send, by name; each is answered. */
export interface ClientMessages {
  watch(message: Static<typeof watchMessage>, answered: Ack): void;
  look(message: Static<typeof lookMessage>, answered: Ack): void;
}
