import { createApi } from '#apps/api/api.module';
import { loadConfig } from '#platform/config/config';
import type { TestServer } from '#test/support/server';

/** A browser as far as single sign-on needs one: it keeps cookies. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(private readonly server: TestServer) {}

  async get(path: string, headers: Record<string, string> = {}) {
    return this.keep(await this.server.request(path, { headers: { ...this.own(), ...headers } }));
  }
  /** As a page of another site posts a form: cookies are not sent along. */
  async post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
    const raw = new URLSearchParams(fields).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.server.request(path, { method: 'POST', raw, headers: { ...type, ...headers } });
  }
  cookie(name: string) {
    return this.cookies.get(name);
  }
  /** The access token the pages get with the cookie of the session. */
  async session() {
    const headers = { ...this.own(), 'sec-fetch-site': 'same-origin' };
    const options = { method: 'POST', body: {}, headers };
    return this.server.request('/api/v1/auth/refresh', options);
  }
  private own(): Record<string, string> {
    const pairs = [...this.cookies].map(([name, value]) => `${name}=${value}`);
    return pairs.length > 0 ? { cookie: pairs.join('; ') } : {};
  }
  private keep<Answer extends { headers: Headers }>(answer: Answer): Answer {
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0]!.split('=');
      this.cookies.set(name!, value!);
    }
    return answer;
  }
}

/** A second process, as far as memory is concerned: the same database under another application. */
export async function startSecond({ platform }: TestServer) {
  const config = loadConfig({ LOG_LEVEL: 'silent' });
  const app = await createApi({ platform, config, signInsPerMinute: 10_000 });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.getHttpServer().address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, close: () => app.close() };
}

const HTML = { accept: 'text/html' };

/** What a browser keeps between requests to one site. */
export interface Jar {
  readonly cookies: Map<string, string>;
}

/** Any address, as a browser asks for it: with its cookies and without following. */
export async function ask(jar: Jar, url: string, form?: Record<string, string>) {
  const cookie = [...jar.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(url, {
    redirect: 'manual',
    headers: { ...HTML, ...(cookie ? { cookie } : {}) },
    ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
  });
  for (const line of answer.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (value) jar.cookies.set(name!, value);
    else jar.cookies.delete(name!);
  }
  return answer;
}
