import type { FakeOptions } from './fake-kurrentdb.js';
import { type LogRecord, type NewRecord, type Place } from './log.js';
import { shared, streams, type StreamIdentifier, type UUID } from './protocol.js';

const TICKS_PER_MILLISECOND = 10_000n;

/** What of its options decides how the fake server writes its messages. */
export type MessageOptions = Pick<FakeOptions, 'structuredUuids' | 'noPositions'>;

export const empty = () => new shared.Empty();

export function identifier(stream: string): StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
}

export function streamOf(message: StreamIdentifier | undefined): string {
  return Buffer.from(message?.getStreamName_asU8() ?? []).toString();
}

/** The protocol has two forms of an id, and clients have to read both. */
export function uuidMessage(id: string, structured: boolean): UUID {
  const message = new shared.UUID();
  if (!structured) return message.setString(id);
  const hex = id.replaceAll('-', '');
  const signed = (part: string) => String(BigInt.asIntN(64, BigInt(`0x${part}`)));
  const bits = new shared.UUID.Structured()
    .setMostSignificantBits(signed(hex.slice(0, 16)))
    .setLeastSignificantBits(signed(hex.slice(16)));
  return message.setStructured(bits);
}

export function idOf(message: UUID | undefined): string {
  const bits = message?.getStructured();
  if (!bits) return message?.getString() ?? '';
  const hex = (part: string) => BigInt.asUintN(64, BigInt(part)).toString(16).padStart(16, '0');
  const all = hex(bits.getMostSignificantBits()) + hex(bits.getLeastSignificantBits());
  return all.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** An event as an append of either kind proposes it. */
export interface Proposed {
  getId(): UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

export function newRecord(stream: string, message: Proposed): NewRecord {
  const given = message.getMetadataMap();
  return {
    stream,
    id: idOf(message.getId()),
    type: given.get('type') ?? '',
    json: given.get('content-type') === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function eventMessage(record: LogRecord, structured: boolean) {
  const event = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(uuidMessage(record.id, structured))
    .setStreamIdentifier(identifier(record.stream))
    .setStreamRevision(String(record.revision))
    .setCommitPosition(String(record.commit))
    .setPreparePosition(String(record.prepare))
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  event
    .getMetadataMap()
    .set('type', record.type)
    .set('created', String(BigInt(record.created) * TICKS_PER_MILLISECOND))
    .set('content-type', record.json ? 'application/json' : 'application/octet-stream');
  const read = new streams.ReadResp.ReadEvent()
    .setEvent(event)
    .setCommitPosition(String(record.commit));
  return new streams.ReadResp().setEvent(read);
}

export function checkpointMessage({ commit, prepare }: Place) {
  const checkpoint = new streams.ReadResp.Checkpoint()
    .setCommitPosition(String(commit))
    .setPreparePosition(String(prepare));
  return new streams.ReadResp().setCheckpoint(checkpoint);
}

export const confirmationMessage = () =>
  new streams.ReadResp().setConfirmation(
    new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(crypto.randomUUID()),
  );

export const caughtUpMessage = () =>
  new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());

export const notFoundMessage = (stream: string) =>
  new streams.ReadResp().setStreamNotFound(
    new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier(stream)),
  );

/** Bytes an append counts against the server's limit. */
export const sizeOf = (records: readonly NewRecord[]): number =>
  records.reduce((sum, { data, metadata, type }) => {
    return sum + data.length + metadata.length + Buffer.byteLength(type);
  }, 0);
