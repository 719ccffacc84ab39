import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Endpoints } from '#apps/api/rest/endpoints';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const run = promisify(execFile);

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly $ref?: string; readonly name?: string; in?: string }[];
  readonly requestBody?: { readonly content: Record<string, { schema: object; example: unknown }> };
  readonly responses: Record<string, any>;
}

describe('the documentation', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  let document: any;
  let ajv: Ajv2020;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    document = (await server.request('/api/v1/openapi.json')).body;
    ajv = new Ajv2020({ strict: false, allErrors: true });
    (ajvFormats as unknown as (one: Ajv2020) => void)(ajv);
    ajv.addSchema({ $id: 'https://spec.example/api', components: document.components });
  });
  afterAll(() => server.close());

  const resolved = (part: any): any => {
    if (!part?.$ref) return part;
    return part.$ref
      .slice(2)
      .split('/')
      .reduce((at: any, key: string) => at?.[key], document);
  };
  const operations = (): [string, string, Operation][] =>
    Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]): [string, string, Operation] => [
        method,
        path,
        one,
      ]),
    );
  /** What is wrong with a value by a schema of the document. */
  const problems = (schema: object, value: unknown) => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"https://spec.example/api#/');
    const validate = ajv.compile(JSON.parse(text));
    return validate(value) ? [] : validate.errors;
  };

  it('names every endpoint, and nothing in it leads nowhere', () => {
    expect(document.openapi).toBe('3.1.0');
    const endpoints = server.app.get(Endpoints).all;
    const all = operations();
    expect(all).toHaveLength(endpoints.length);
    expect(new Set(all.map(([, , { operationId }]) => operationId)).size).toBe(all.length);
    for (const [, text] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
      expect([text, resolved({ $ref: text }) !== undefined]).toEqual([text, true]);
    }
    for (const [, path, operation] of all) {
      const declared = operation.parameters.map(resolved);
      for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
        expect(declared).toContainEqual(expect.objectContaining({ in: 'path', name }));
      }
      expect(Object.keys(operation.responses)).toContain('400');
    }
  });

  it('shows examples that have the declared shape', () => {
    for (const [method, path, { requestBody }] of operations()) {
      // A file has no example.
      const content = requestBody?.content['application/json'];
      if (!content) continue;
      const { schema, example } = content;
      expect([method, path, problems(schema, example)]).toEqual([method, path, []]);
    }
  });

  it('describes answers as they are', async () => {
    const company = (await owner.post('/companies', { name: 'Hooli' })).body.data;
    await owner.post(`/companies/${company.id}/contacts`, { firstName: 'A', lastName: 'B' });
    const pipeline = (await owner.post('/pipelines', { name: 'Sales' })).body.data;
    const amount = { amountMinor: '1', currency: 'EUR' };
    await owner.post('/deals', { name: 'D', pipelineId: pipeline.id, amount });
    await owner.post('/tasks', { title: 'T' });
    await owner.post(`/companies/${company.id}/notes`, { content: 'N' });
    await owner.post('/products', { name: 'P' });
    await owner.post('/teams', { name: 'Team' });
    await server.settled();
    const answered = async (path: string, template = path) => {
      const reply = await owner.get(path);
      const response = resolved(document.paths[template].get.responses['200']);
      const { schema } = response.content['application/json'];
      expect([path, reply.status, problems(schema, reply.body)]).toEqual([path, 200, []]);
      return reply.body.data;
    };
    for (const { name } of server.platform.registry.product.readModels) {
      if (name === 'tenants') continue;
      const [first] = await answered(`/${name}`);
      if (first) await answered(`/${name}/${first.id}`, `/${name}/{id}`);
      if (first) await answered(`/${name}/${first.id}/history`, `/${name}/{id}/history`);
    }
    await answered('/tenant');
    await answered('/auth/me');
    await answered('/timeline');
    await answered('/timeline/statistics');
    await answered('/timeline/access');
    await answered('/deals/pipeline');
    const refused = await owner.get('/companies?limit=0');
    expect(problems(document.components.schemas.Error, refused.body)).toEqual([]);
  });

  it('publishes every version of every event', async () => {
    const get = async (path: string, template: string) => {
      const reply = await server.request(`/api/v1${path}`);
      const { content } = document.paths[template].get.responses['200'];
      expect(problems(content['application/json'].schema, reply.body)).toEqual([]);
      return reply.body.data;
    };
    const list = await get('/event-schemas', '/event-schemas');
    expect(list).toHaveLength(server.platform.registry.product.events.length);
    expect(list).toContainEqual({
      type: 'ContactCreated',
      action: 'created',
      version: 2,
      versions: [1, 2],
    });
    const one = await get('/event-schemas/ContactCreated/1', '/event-schemas/{type}/{version}');
    expect(one).toMatchObject({ type: 'ContactCreated', version: 1, subject: 'contactId' });
    const lenient = new Ajv2020({ strict: false, validateFormats: false });
    expect(lenient.validate(one.schema, one.sample)).toBe(true);
    const missing = await server.request('/api/v1/event-schemas/ContactCreated/9');
    expect(missing).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });

  it('is readable for people, without anything from elsewhere', async () => {
    const start = await server.request('/dev');
    expect(start.status).toBe(200);
    expect(start.headers.get('content-type')).toContain('text/html');
    for (const { name } of document.tags) {
      const page = await server.request(`/dev/${name}`);
      expect([name, page.status]).toEqual([name, 200]);
      expect(page.text).toContain('curl');
      const loaded = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
      expect(loaded.filter((url) => !/^(\/|#|data:,)/.test(url))).toEqual([]);
    }
    expect((await server.request('/dev/style.css')).text).toContain('prefers-color-scheme: dark');
    expect((await server.request('/dev/unicorns')).status).toBe(404);
  });

  it('has a quick start that runs as it stands', async () => {
    const password = 'violet kettle runs uphill';
    const { email } = await workspace.withPassword('member', password);
    const page = (await server.request('/dev')).text;
    const snippets = [...page.matchAll(/<code>((?:BASE=|const base)[^]*?)<\/code>/g)].map(
      ([, text]) =>
        text!
          .replaceAll('&quot;', '"')
          .replaceAll('&#39;', "'")
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&amp;', '&')
          .replaceAll('http://localhost:3000', server.url)
          .replaceAll('you@your-workspace.example', email)
          .replaceAll('your password', password)
          .replaceAll('your-workspace', workspace.slug),
    );
    expect(snippets).toHaveLength(2);
    const folder = await mkdtemp(join(tmpdir(), 'quick-start-'));
    try {
      const before = (await workspace.events()).length;
      const program = join(folder, 'start.ts');
      await writeFile(program, snippets[1]!);
      const { stdout } = await run(process.execPath, ['--no-warnings', program]);
      expect(stdout).toMatch(/^[0-9a-f-]{36} Gavin Belson\n$/);
      await server.settled();
      const curl = await run('sh', ['-c', `command -v curl >/dev/null || exit 9; ${snippets[0]}`]);
      expect(curl.stdout).toContain('"total":');
      expect(await workspace.events(before)).toContain('ContactCreated');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has health and metrics beside it', async () => {
    expect((await server.request('/health/live')).body).toEqual({ status: 'healthy' });
    expect((await server.request('/health/ready')).body).toEqual({ status: 'healthy' });
    const health = await server.request('/health');
    expect(health.status).toBe(200);
    expect(health.body).toMatchObject({
      service: 'clientforge',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      uptime_seconds: expect.any(Number),
      dependencies: {
        database: { status: 'healthy', latency_ms: expect.any(Number) },
        projections: { running: true, dead_letters: 0, rebuilds: 0 },
        horizon: { status: 'healthy', held_seconds: expect.any(Number) },
        jobs: { status: 'healthy', backend: 'table' },
      },
      system: { memory_rss_mb: expect.any(Number) },
    });
    const unsafe = health.body.dependencies.database.unsafe_durability ?? [];
    expect(unsafe).toEqual(server.platform.unsafeDurability);
    await owner.post('/companies', { name: 'Counted' });
    const { text } = await server.request('/metrics');
    expect(text).toMatch(
      /http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/companies",status="201"\} [1-9]/,
    );
    expect(text).toMatch(/clientforge_appends_total\{outcome="appended"\} [1-9]/);
    expect(text).toMatch(/clientforge_appended_events_total [1-9]/);
    expect(text).toMatch(/clientforge_projection_lag_seconds\{projection="companies"\} \d/);
    expect(text).toMatch(/clientforge_projection_lag_events\{projection="companies"\} \d/);
    expect(text).toMatch(/clientforge_oldest_writer_seconds \d/);
    expect(text).not.toContain(workspace.tenantId);
  });
});
