import { decodeQR } from 'qr/decode.js';
import { qrPath } from './qr-picture';

describe('qrPath', () => {
  it('draws what a reader reads, inside a quiet margin of four modules', () => {
    const text = 'otpauth://totp/ClientForge:someone@example.com?secret=JBSWY3DPEHPK3PXP';
    const { side, path } = qrPath(text);
    expect(path.startsWith('M4 4h1v1h-1z')).toBe(true);
    expect(decodeQR(drawn(side, path))).toBe(text);
  });
});

/** The picture at four pixels a module, dark on white. */
function drawn(side: number, path: string) {
  const width = side * 4;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)/g)) {
    for (let pixel = 0; pixel < 16; pixel++) {
      const row = Number(y) * 4 + (pixel >> 2);
      const at = (row * width + Number(x) * 4 + (pixel & 3)) * 4;
      data.fill(0, at, at + 3);
    }
  }
  return { width, height: width, data };
}
