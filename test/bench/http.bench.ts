import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import autocannon, { type Request, type Result } from 'autocannon';
import { amount, median, type Bench, type Measured } from './bench.js';
import { serve, startProduct, stop, type Served } from './served.js';

const SECONDS = 4;
const ROUNDS = 3;
/** Creates per second that a Directus server reached on the same kind of machine. */
const DIRECTUS = 244;

const json = { 'content-type': 'application/json' };

/** Commands over HTTP, on server processes of the bench's own. */
export class HttpBenches {
  private served: Promise<Served> | undefined;
  private bare: Promise<Served> | undefined;
  private token: Promise<string> | undefined;
  private created = 0;

  readonly dataDir: string;

  constructor(folder: string) {
    this.dataDir = join(folder, 'server');
  }

  commandBenches(): readonly Bench[] {
    let saturation = 0;
    return [
      ...[10, 50].map((connections): Bench => ({
        name: `create over REST, ${connections} connections`,
        unit: 'requests/s',
        least: 5 * DIRECTUS,
        leastRatio: 0.6,
        run: async () => {
          const measured = await this.sideBySide(connections, () => this.create());
          saturation = Math.max(saturation, measured.figure);
          return measured;
        },
      })),
      {
        name: 'create over GraphQL, 50 connections',
        unit: 'requests/s',
        run: () => this.sideBySide(50, () => this.mutation()),
      },
      {
        name: 'create over REST at half of saturation',
        unit: 'ms p99',
        most: 100,
        run: async () => {
          const rate = Math.round((saturation || 1000) / 2);
          const [target, empty] = [await this.create(), await this.empty()];
          const baseline = (await this.fire(target.url, 50, empty.request, 8, rate)).latency;
          const { latency, requests } = await this.fire(target.url, 50, target.request, 8, rate);
          const note = `p50 ${latency.p50} ms at ${amount(requests.average)} requests/s`;
          const baselineName = "the server's empty mutation at the same rate";
          return { figure: latency.p99, baseline: baseline.p99, baselineName, note };
        },
      },
    ];
  }

  async close(): Promise<void> {
    if (this.served) await stop(await this.served);
    if (this.bare) await stop(await this.bare);
  }

  /** The second start: the first one makes the database and the demo workspace. */
  server(): Promise<Served> {
    return (this.served ??= (async () => {
      mkdirSync(this.dataDir, { recursive: true });
      await stop(await startProduct(this.dataDir));
      return startProduct(this.dataDir);
    })());
  }

  bareServer(): Promise<Served> {
    const program = [join('dist', 'test', 'bench', 'bare-server.js')];
    return (this.bare ??= serve(program, 'is ready', {}));
  }

  /** Signs in to the demo workspace with what the server printed. */
  private signedIn(): Promise<string> {
    return (this.token ??= (async () => {
      const { url, lines } = await this.server();
      const [, workspace, email, password] =
        /workspace (\S+), e-mail (\S+), password “([^”]+)”/.exec(lines) ?? [];
      const answer = await fetch(`${url}/api/v1/auth/login`, {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ workspace, email, password }),
      });
      const { data } = (await answer.json()) as { data: { accessToken: string } };
      return data.accessToken;
    })());
  }

  private async signedRequest(path: string, more: Request) {
    const [{ url }, token] = [await this.server(), await this.signedIn()];
    const headers = { ...json, authorization: `Bearer ${token}`, ...more.headers };
    return { url, request: { ...more, method: 'POST', path, headers } };
  }

  private empty() {
    return this.signedRequest('/graphql', {
      body: JSON.stringify({ query: 'mutation { __typename }' }),
    });
  }

  private input() {
    return { name: `Measured ${Date.now()} ${this.created++}`, industry: 'software' };
  }

  private create() {
    return this.signedRequest('/api/v1/companies', {
      headers: { prefer: 'respond-async' },
      setupRequest: (request) => ({ ...request, body: JSON.stringify(this.input()) }),
    });
  }

  private mutation() {
    const query =
      'mutation Create($input: CreateCompanyInput!) { createCompany(input: $input) { __typename } }';
    return this.signedRequest('/graphql', {
      setupRequest: (request) => ({
        ...request,
        body: JSON.stringify({ query, variables: { input: this.input() } }),
      }),
    });
  }

  private async fire(
    url: string,
    connections: number,
    request: Request,
    duration: number,
    rate?: number,
  ): Promise<Result> {
    const overallRate = rate ? { overallRate: rate } : {};
    const result = await autocannon({
      ...{ url, connections, duration, requests: [request] },
      ...overallRate,
    });
    if (result.non2xx + result.errors + result.timeouts > 0) {
      throw new Error(`${request.path}: ${result.non2xx} refused, ${result.errors} errors`);
    }
    return result;
  }

  /** Command, empty mutation and bare route in turns; medians of the rounds. */
  private async sideBySide(
    connections: number,
    command: () => Promise<{ url: string; request: Request }>,
  ): Promise<Measured> {
    const bare = await this.bareServer();
    const bareRequest = { method: 'POST', path: '/', headers: json, body: '{}' };
    const empty = await this.empty();
    const target = await command();
    const rates = { bare: [] as number[], empty: [] as number[], command: [] as number[] };
    const waits: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const seconds = round < 0 ? 1 : SECONDS;
      const results = [
        await this.fire(bare.url, connections, bareRequest, seconds),
        await this.fire(empty.url, connections, empty.request, seconds),
        await this.fire(target.url, connections, target.request, seconds),
      ] as const;
      if (round < 0) continue;
      rates.bare.push(results[0].requests.average);
      rates.empty.push(results[1].requests.average);
      rates.command.push(results[2].requests.average);
      waits.push(results[2].latency.p99);
    }
    const figure = median(rates.command);
    const note =
      `p99 ${median(waits)} ms; bare Fastify route ${amount(median(rates.bare))}/s; ` +
      `${(figure / DIRECTUS).toFixed(1)}× Directus`;
    const baselineName = "the server's empty mutation, signed in";
    return { figure, baseline: median(rates.empty), baselineName, note };
  }
}
