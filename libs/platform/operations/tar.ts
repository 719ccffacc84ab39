const BLOCK = 512;
/** What twelve octal digits cannot say is written as a number of twelve bytes. */
const MOST_OCTAL = 8 ** 11;

/** A file of an archive in the tar format (POSIX.1-1988, "ustar"). */
export interface TarEntry {
  /** At most a hundred bytes, with slashes. */
  readonly name: string;
  readonly bytes: number;
  readonly at: Date;
}

/** The block in front of the bytes of a file. */
export function tarHeader({ name, bytes, at }: TarEntry): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`too long a name for tar: ${name}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  block.write(name, 0);
  block.write(`${octal(0o600, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  if (bytes < MOST_OCTAL) block.write(`${octal(bytes, 11)}\0`, 124);
  else {
    block.writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(bytes), 128);
  }
  block.write(`${octal(Math.floor(at.getTime() / 1000), 11)}\0`, 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

/** What follows the bytes of a file, up to the next block. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);
}

/** What an archive ends with. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);
