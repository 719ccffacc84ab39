/** Arrays in PostgreSQL's binary format: no quoting here, no parsing there. */

interface ElementType {
  readonly oid: number;
  /** Bytes of an element. */
  readonly size: (value: never) => number;
  readonly write: (target: Buffer, value: never, offset: number) => void;
}

const define = <Value>(
  oid: number,
  size: (value: Value) => number,
  write: (target: Buffer, value: Value, offset: number) => void,
) => ({ oid, size, write });

/** Decoding stops at the first character that is no digit: the count tells. */
function writeHex(target: Buffer, digits: string, offset: number, bytes: number): void {
  const written = digits.length === 2 * bytes ? target.write(digits, offset, bytes, 'hex') : 0;
  if (written !== bytes) throw new TypeError(`not ${bytes} bytes in hexadecimal: ${digits}`);
}

/** PostgreSQL counts from the year 2000. */
const EPOCH_DAYS = 10_957;
const FOREVER = 2n ** 63n - 1n;
const microseconds = (milliseconds: number) =>
  BigInt((milliseconds - EPOCH_DAYS * 86_400_000) * 1000);

const DIGITS = Int8Array.from({ length: 128 }, (_, code) =>
  /[0-9a-f]/i.test(String.fromCharCode(code)) ? parseInt(String.fromCharCode(code), 16) : -1,
);
const DASHES = new Set([8, 13, 18, 23]);

function writeUuid(target: Buffer, value: string, offset: number): void {
  let at = offset;
  let wrong = value.length !== 36;
  for (let n = 0; n < 36 && !wrong;) {
    if (DASHES.has(n)) {
      wrong = value[n++] !== '-';
      continue;
    }
    const byte =
      ((DIGITS[value.charCodeAt(n++)] ?? -1) << 4) | (DIGITS[value.charCodeAt(n++)] ?? -1);
    wrong = byte < 0;
    target[at++] = byte;
  }
  if (wrong) throw new TypeError(`not 16 bytes in hexadecimal: ${value}`);
}

const types = {
  int2: define<number>(
    21,
    () => 2,
    (target, value, offset) => target.writeInt16BE(value, offset),
  ),
  int4: define<number>(
    23,
    () => 4,
    (target, value, offset) => target.writeInt32BE(value, offset),
  ),
  int8: define<number>(
    20,
    () => 8,
    (target, value, offset) => target.writeBigInt64BE(BigInt(value), offset),
  ),
  uuid: define<string>(
    2950,
    () => 16,
    (target, value, offset) => writeUuid(target, value, offset),
  ),
  hex: define<string>(
    17,
    (value) => value.length >> 1,
    (target, value, offset) => writeHex(target, value, offset, value.length >> 1),
  ),
  text: define<string>(
    25,
    (value) => Buffer.byteLength(value),
    (target, value, offset) => target.write(value, offset),
  ),
  bool: define<boolean>(
    16,
    () => 1,
    (target, value, offset) => target.writeUInt8(value ? 1 : 0, offset),
  ),
  /** Days since 1970. */
  date: define<number>(
    1082,
    () => 4,
    (target, value, offset) => target.writeInt32BE(value - EPOCH_DAYS, offset),
  ),
  /** Milliseconds since 1970, or Infinity. */
  timestamptz: define<number>(
    1184,
    () => 8,
    (target, value, offset) =>
      target.writeBigInt64BE(value === Infinity ? FOREVER : microseconds(value), offset),
  ),
  /** JSON text; a byte before it names the format's version. */
  jsonb: define<string>(
    3802,
    (value) => 1 + Buffer.byteLength(value),
    (target, value, offset) => target.write(value, target.writeUInt8(1, offset)),
  ),
};

export type ElementName = keyof typeof types;

/** A one-dimensional array of one element type; null is a NULL. */
export function binaryArray(
  name: ElementName,
  values: readonly (string | number | boolean | null)[],
): Buffer {
  const { oid, size, write } = types[name] as ElementType;
  let length = values.length === 0 ? 12 : 20;
  for (const value of values) length += 4 + (value === null ? 0 : size(value as never));
  const target = Buffer.allocUnsafe(length);
  target.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  target.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  target.writeInt32BE(oid, 8);
  if (values.length === 0) return target;
  target.writeInt32BE(values.length, 12);
  target.writeInt32BE(1, 16);
  let offset = 20;
  for (const value of values) {
    const bytes = value === null ? -1 : size(value as never);
    target.writeInt32BE(bytes, offset);
    offset += 4;
    if (value === null) continue;
    write(target, value as never, offset);
    offset += bytes;
  }
  return target;
}
