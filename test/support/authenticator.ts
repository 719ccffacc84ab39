import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type {
  CreationOptions,
  PasskeyAnswer,
  PasskeyMade,
  RequestOptions,
} from '#platform/auth/passkeys';

/** What an authenticator or its browser does otherwise than asked. */
export interface Departure {
  readonly origin?: string;
  readonly site?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly isVerified?: boolean;
  readonly isPresent?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
}

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest();
const text = (word: string) =>
  Buffer.concat([Buffer.from([0x60 + word.length]), Buffer.from(word)]);

/** A passkey made of software: honest, unless it is told to depart. */
export class SoftwarePasskey {
  private readonly pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly id = randomBytes(32).toString('base64url');
  private counter = 0;
  private userHandle = '';

  constructor(private readonly origin: string) {}

  /** Answers `navigator.credentials.create`. */
  make({ challenge, rp, user }: CreationOptions, departure: Departure = {}): PasskeyMade {
    this.userHandle = user.id;
    const { x, y } = this.pair.publicKey.export({ format: 'jwk' });
    const [px, py] = [x!, y!].map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer];
    const id = Buffer.from(this.id, 'base64url');
    const key = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      px,
      Buffer.from('225820', 'hex'),
      py,
    ]);
    const size = Buffer.alloc(2);
    size.writeUInt16BE(id.length);
    const data = Buffer.concat([
      this.data(departure.site ?? rp.id!, 0x40, departure),
      Buffer.alloc(16),
      size,
      id,
      key,
    ]);
    const bytes = Buffer.from([0x59, data.length >> 8, data.length & 0xff]);
    const attestation = Buffer.concat([
      Buffer.from([0xa3]),
      text('fmt'),
      text('none'),
      text('attStmt'),
      Buffer.from([0xa0]),
      text('authData'),
      bytes,
      data,
    ]);
    return {
      ...this.outer(),
      response: {
        clientDataJSON: this.client('webauthn.create', challenge, departure).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** Answers `navigator.credentials.get`; counts on unless told otherwise. */
  answer({ challenge, rpId }: RequestOptions, departure: Departure = {}): PasskeyAnswer {
    this.counter = departure.counter ?? this.counter + 1;
    const data = this.data(departure.site ?? rpId!, 0, departure);
    const client = this.client('webauthn.get', challenge, departure);
    const signature = sign('sha256', Buffer.concat([data, sha256(client)]), this.pair.privateKey);
    return {
      ...this.outer(),
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: departure.userHandle ?? this.userHandle,
      },
    };
  }

  private outer() {
    const { id } = this;
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {} } as const;
  }

  private client(type: string, challenge: string, departure: Departure): Buffer {
    const { origin } = this;
    return Buffer.from(JSON.stringify({ type, challenge, origin, ...pick(departure) }));
  }

  private data(site: string, more: number, { isVerified, isPresent }: Departure): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    const flags = more | (isPresent === false ? 0 : 0x01) | (isVerified === false ? 0 : 0x04);
    return Buffer.concat([sha256(site), Buffer.from([flags]), counter]);
  }
}

function pick({ origin, challenge, type }: Departure) {
  return {
    ...(origin ? { origin } : {}),
    ...(challenge ? { challenge } : {}),
    ...(type ? { type } : {}),
  };
}
