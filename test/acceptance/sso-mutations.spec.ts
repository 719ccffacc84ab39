import fc from 'fast-check';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { SsoProblem } from '#apps/api/auth/sso/problem';
import { verifyResponse } from '#apps/api/auth/sso/saml/response';
import { encoded, signedResponse, type Signed } from './sso-forger.js';
import { given, own, party, requests } from './sso-saml.fixture.js';

const MUTATIONS = 10_000;

describe('S5 mutations', () => {
  const identityOf = async (xml: Buffer) => {
    try {
      const outcome = await verifyResponse(encoded(xml), party, requests, new Date());
      return outcome.kind === 'verified' ? outcome.assertion.identity : undefined;
    } catch (error) {
      if (error instanceof SsoProblem) return undefined;
      throw error;
    }
  };
  let valid: Buffer[];
  beforeAll(() => {
    const signed: readonly Signed[] = ['assertion', 'both'];
    valid = signed.map((one) => Buffer.from(signedResponse(given, { ...own, signed: one })));
  });

  it('S5 10,000 changed responses are refused or say the same', async () => {
    const expected = await identityOf(valid[0]!);
    expect(expected).toBeDefined();
    let [refusedCount, same] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(255),
        fc.constantFrom('replace', 'insert', 'delete', 'repeat'),
        fc.nat(40),
        async (which, place, byte, how, length) => {
          const source = valid[which]!;
          const at = Math.floor(place * source.length);
          const rest = { replace: at + 1, insert: at, delete: at + 1 + length, repeat: at }[how];
          const middle = {
            replace: Buffer.from([byte]),
            insert: Buffer.from([byte]),
            delete: Buffer.alloc(0),
            repeat: source.subarray(at, at + length),
          }[how];
          const changed = [source.subarray(0, at), middle, source.subarray(rest)];
          const identity = await identityOf(Buffer.concat(changed));
          if (identity === undefined) refusedCount += 1;
          else same += 1;
          if (identity !== undefined) expect(identity).toEqual(expected);
        },
      ),
      { numRuns: MUTATIONS, seed: 20_261_122 },
    );
    expect(refusedCount + same).toBe(MUTATIONS);
    expect(refusedCount).toBeGreaterThan(MUTATIONS * 0.7);
    expect(same).toBeGreaterThan(0);
  }, 180_000);
});
