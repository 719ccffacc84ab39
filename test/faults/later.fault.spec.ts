import { describe, it } from '@jest/globals';

/** Rows whose means are not there; each says what is missing and never counts as passed. */
const missing: Readonly<Record<string, string>> = {
  R13: 'a search server beside PostgreSQL',
  R18: 'webhooks',
  R19: 'webhooks',
  R22: 'providers that call back, and incoming mail',
};

describe('rows of later parts', () => {
  for (const [id, what] of Object.entries(missing)) it.skip(`${id} skipped: ${what}`, () => {});
});
