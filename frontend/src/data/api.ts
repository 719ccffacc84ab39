import { Injectable, signal } from '@angular/core';

/** One problem with one field, as the API names it. */
export interface Detail {
  readonly field?: string | null;
  readonly rule?: string | null;
  readonly message: string;
  readonly remedy?: string | null;
  readonly value?: unknown;
}

/** A request that did not succeed, in words a person can read. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
    readonly details: readonly Detail[] = [],
    readonly requestId?: string,
  ) {
    super(message);
  }
  /** Whether the server was not reached at all. */
  get offline(): boolean {
    return this.code === 'OFFLINE';
  }
  get forbidden(): boolean {
    return this.status === 403;
  }
}

/** The error as `ApiError`, whatever was thrown. */
export function apiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('UNEXPECTED', error instanceof Error ? error.message : String(error));
}

export interface Envelope {
  readonly success?: boolean;
  readonly data?: unknown;
  readonly error?: { code: string; message: string; details?: readonly Detail[] };
  readonly meta?: { requestId?: string };
}

export interface RequestOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Sent without the access token: sign-in itself. */
  readonly open?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks HTTP with the API: adds the access token, renews it once, reads the envelope. */
@Injectable({ providedIn: 'root' })
export class Api {
  private token: string | undefined;
  private renewing: Promise<boolean> | undefined;
  /** Set by the session: gets a new access token, or says that there is none. */
  renew: () => Promise<string | undefined> = () => Promise.resolve(undefined);
  /** Set by the session: the server no longer knows us; `account` says that it shut us out. */
  lost: (rule?: string) => void = () => {};
  private proving: Promise<boolean> | undefined;
  /** Set by the step-up: asks the person for a fresh proof; false when they gave none. */
  prove: () => Promise<boolean> = () => Promise.resolve(false);
  private readonly unreachable = signal(false);
  readonly offline = this.unreachable.asReadonly();

  constructor() {
    globalThis.addEventListener?.('offline', () => this.unreachable.set(true));
  }

  /** Whether the server answers again. */
  async isBack(): Promise<boolean> {
    try {
      await this.fetch('/health/live', { open: true });
      return true;
    } catch {
      return false;
    }
  }

  useToken(token: string | undefined): void {
    this.token = token;
  }
  /** What an upload sends, which goes its own way to tell how far it is. */
  get authorization(): Readonly<Record<string, string>> {
    return this.token ? { authorization: `Bearer ${this.token}` } : {};
  }

  /** Renews the access token; many callers share one request. */
  renewOnce(): Promise<boolean> {
    this.renewing ??= this.renew()
      .then((token) => {
        this.token = token;
        return token !== undefined;
      })
      .finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  /**
   * The raw response; only answers of the server itself are errors here. What asks for a fresh
   * proof is sent once more when the person gave one: nothing was done before.
   */
  async send(path: string, options: RequestOptions = {}): Promise<Response> {
    const response = await this.signed(path, options);
    if (!asksForProof(response)) return response;
    this.proving ??= this.prove().finally(() => (this.proving = undefined));
    return (await this.proving) ? this.signed(path, options) : response;
  }

  private async signed(path: string, options: RequestOptions): Promise<Response> {
    const response = await this.fetch(path, options);
    if (response.status !== 401 || options.open) return response;
    const rule = await ruleOf(response.clone());
    if (await this.renewOnce()) return this.fetch(path, options);
    this.lost(rule);
    return response;
  }

  /** The `data` of the envelope. */
  async json<Data>(path: string, options: RequestOptions = {}): Promise<Data> {
    const response = await this.send(path, options);
    if (response.status === 204) return undefined as Data;
    const envelope = await readEnvelope(response);
    if (response.ok && envelope.success !== false) return (envelope.data ?? envelope) as Data;
    throw errorOf(response, envelope);
  }

  private async fetch(path: string, options: RequestOptions): Promise<Response> {
    const { method = options.body === undefined ? 'GET' : 'POST', body, signal, open } = options;
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
    if (this.token && !open) headers['authorization'] = `Bearer ${this.token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init: RequestInit = { method, headers, credentials: 'same-origin' };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (signal) init.signal = signal;
    try {
      const response = await fetch(path, init);
      this.unreachable.set(false);
      return response;
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      this.unreachable.set(true);
      throw new ApiError('OFFLINE', 'The server cannot be reached. Nothing was saved.');
    }
  }
}

/** Both APIs say it in this header, so that nobody has to look into bodies for it. */
const asksForProof = ({ headers }: Response) =>
  headers.get('www-authenticate')?.includes('insufficient_user_authentication') === true;

/** The rule by which either API refused. */
async function ruleOf(response: Response): Promise<string | undefined> {
  const { error, errors } = (await readEnvelope(response)) as Envelope & {
    readonly errors?: readonly { readonly extensions?: { details?: readonly Detail[] } }[];
  };
  return (error ?? errors?.[0]?.extensions)?.details?.[0]?.rule ?? undefined;
}

async function readEnvelope(response: Response): Promise<Envelope> {
  try {
    return (await response.json()) as Envelope;
  } catch {
    return {};
  }
}

/** The error an unsuccessful answer stands for. */
export function errorOf(
  response: Pick<Response, 'status' | 'headers'>,
  { error, meta }: Envelope,
): ApiError {
  const id = meta?.requestId ?? response.headers.get('x-request-id') ?? undefined;
  const message = error?.message ?? `The server answered with status ${response.status}.`;
  return new ApiError(error?.code ?? 'HTTP', message, response.status, error?.details ?? [], id);
}
