import { expect, it } from '@jest/globals';

it('runs on the Node version the product ships with', () => {
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24);
});
