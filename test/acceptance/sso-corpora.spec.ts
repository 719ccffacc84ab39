import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SsoProblem } from '#apps/api/auth/sso/problem';
import { verifyResponse, type SamlParty } from '#apps/api/auth/sso/saml/response';
import { environment } from '#platform/config/environment';
import { signedResponse } from './sso-forger.js';
import { given, own } from './sso-saml.fixture.js';

/** Responses of other projects, as far as the run could fetch them. */
const corpora = environment['CLIENTFORGE_SAML_CORPORA'];
const has = (name: string) => Boolean(corpora) && existsSync(join(corpora!, name));
const skipped = (name: string) => (has(name) ? '' : `, skipped: saml messages of ${name}`);

/** Files of a folder by name, decoded. */
function messagesOf(...names: string[]): [string, string][] {
  const folder = join(corpora!, ...names);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile() && /\.(xml|base64)$/.test(file.name))
    .map((file) => {
      const text = readFileSync(join(file.parentPath, file.name), 'utf8');
      const xml = file.name.endsWith('.base64') ? Buffer.from(text, 'base64').toString() : text;
      return [file.name, xml];
    });
}

/**
 * What becomes of a message at a provider that fits it as well as any can: it trusts the certificate
 * inside, calls itself as the message does, and asked for it at the time it was written.
 */
async function atFitting(xml: string): Promise<string> {
  const found = (pattern: RegExp) => pattern.exec(xml)?.[1]?.trim() ?? '';
  const certificates = [...xml.matchAll(/X509Certificate>([^<]+)</g)].map(
    ([, base64]) => `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  );
  const party: SamlParty = {
    entityId: found(/Issuer[^>]*>([^<]+)</),
    signOnUrl: 'https://idp.example/sso',
    certificates: certificates.length > 0 ? [...new Set(certificates)] : [own.key.certificate],
    isResponseSigned: false,
    audience: found(/Audience>([^<]+)</),
    acsUrl: found(/Recipient="([^"]+)"/),
  };
  const written = Date.parse(found(/NotBefore="([^"]+)"/) || found(/IssueInstant="([^"]+)"/));
  const now = new Date((Number.isNaN(written) ? Date.now() : written) + 1_000);
  const requests = { sentAt: () => Promise.resolve(now) };
  try {
    const message = Buffer.from(xml).toString('base64');
    return (await verifyResponse(message, party, requests, now)).kind;
  } catch (error) {
    if (error instanceof SsoProblem) return `refused: ${error.reason}`;
    throw error;
  }
}

/** Names of the messages that were believed. */
async function believed(messages: readonly (readonly [string, string])[]): Promise<string[]> {
  const outcomes = await Promise.all(
    messages.map(async ([name, xml]) => ({ name, outcome: await atFitting(xml) })),
  );
  return outcomes.filter(({ outcome }) => outcome === 'verified').map(({ name }) => name);
}

describe('responses other projects keep because they must be refused', () => {
  it('S3 a valid response is believed where all fits it', async () => {
    expect(await believed([['own', signedResponse(given, own)]])).toEqual(['own']);
  });

  (has('ruby-saml') ? it : it.skip)(
    `S3 ruby-saml: test/responses/invalids${skipped('ruby-saml')}`,
    async () => {
      const messages = messagesOf('ruby-saml');
      expect(messages.length).toBeGreaterThan(10);
      expect(await believed(messages)).toEqual([]);
    },
  );

  (has('node-saml') ? it : it.skip)(
    `S3 node-saml: test/static/signatures/invalid${skipped('node-saml')}`,
    async () => {
      const messages = messagesOf('node-saml', 'invalid');
      expect(messages.length).toBeGreaterThan(8);
      expect(await believed(messages)).toEqual([]);
    },
  );
});
