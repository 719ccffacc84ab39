import { describe, expect, it } from '@jest/globals';
import { bufferMegabytes } from './embedded.js';

describe('buffers of the embedded PostgreSQL', () => {
  it.each([
    [512 * 2 ** 20, 128],
    [2 ** 31, 128],
    [2 ** 32, 256],
    [24 * 2 ** 30, 512],
  ])('of %d bytes of memory take %d MB', (memory, buffers) => {
    expect(bufferMegabytes(memory)).toBe(buffers);
  });
});
