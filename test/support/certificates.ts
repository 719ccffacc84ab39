import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** A key with a certificate it signed itself, both in PEM. */
export interface TestCertificate {
  readonly privateKey: string;
  readonly certificate: string;
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 128
      ? [length]
      : length < 256
        ? [0x81, length]
        : [0x82, Math.floor(length / 256), length % 256];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const hex = (text: string) => Buffer.from(text, 'hex');
const time = (text: string) => der(0x17, Buffer.from(text));
/** sha256WithRSAEncryption */
const algorithm = sequence(der(0x06, hex('2a864886f70d01010b')), der(0x05));
const nameOf = (text: string) =>
  sequence(der(0x31, sequence(der(0x06, hex('550403')), der(0x0c, Buffer.from(text)))));

/** Makes a certificate of a new RSA key, good from 2020 to 2049. */
export function testCertificate(name: string, bits = 2048): TestCertificate {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const body = sequence(
    der(0x02, hex('01')),
    algorithm,
    nameOf(name),
    sequence(time('200101000000Z'), time('491231235959Z')),
    nameOf(name),
    publicKey,
  );
  const signature = sign('sha256', body, privateKey);
  const whole = sequence(body, algorithm, der(0x03, hex('00'), signature));
  const lines = whole.toString('base64').replaceAll(/.{64}(?!$)/g, '$&\n');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
