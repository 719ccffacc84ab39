import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import { ExportFiles } from '#apps/composition/workspace-export/export-files';
import { workspaceExportJob } from '#apps/composition/workspace-export/export-job';
import { auditJob } from '#platform/operations/audit-job';
import { testSeals, type TestSeals } from '#test/support/sealing';
import { brokenOf, valuesOf, wrongValues, type Resolve } from '#test/support/from-schema';
import {
  startTestServer,
  type Reply,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

/** Requests to each endpoint: as declared, and broken. */
const RUNS = 2;
/** Statuses every endpoint may refuse with, whatever it is asked; 414: an id of 300 characters. */
const REFUSALS = new Set([400, 401, 403, 404, 409, 412, 413, 414, 415, 422, 429]);
const BASE = 'https://spec.example/api';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: object;
}
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: object | undefined;
  readonly file: string | undefined;
  /** Schema of the answer by status; null: an answer without JSON. */
  readonly answers: ReadonlyMap<number, object | null>;
  readonly open: boolean;
}
interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string | undefined;
}

describe('S22 every endpoint of the OpenAPI document', () => {
  let server: TestServer;
  let seals: TestSeals;
  let workspace: TestWorkspace;
  let operations: readonly Operation[];
  let resolve: Resolve;
  let known: ReadonlyMap<string, readonly string[]>;
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  const compiled = new Map<object, ValidateFunction>();

  beforeAll(async () => {
    (ajvFormats as unknown as (one: Ajv2020) => void)(ajv);
    seals = testSeals();
    // Begun and never run: there is no worker.
    const exportJob = workspaceExportJob(new ExportFiles('unused'));
    const given = { jobs: [auditJob, exportJob], seals: () => Promise.resolve(seals) };
    server = await startTestServer({}, {}, given);
    workspace = await server.workspace();
    const document = (await server.request('/api/v1/openapi.json')).body;
    ajv.addSchema({ $id: BASE, components: document.components });
    resolve = (ref) =>
      ref
        .slice(2)
        .split('/')
        .reduce((at: any, key: string) => at[key], document);
    operations = Object.entries<Record<string, any>>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => operationOf(method, path, one)),
    );
    known = await someRecords();
  });
  afterAll(async () => {
    await server.close();
    seals.remove();
  });

  const part = (one: any) => (one.$ref ? resolve(one.$ref) : one);
  function operationOf(method: string, path: string, one: any): Operation {
    const content = one.requestBody?.content ?? {};
    const answers = Object.entries<any>(one.responses).map(([status, answer]) => {
      const schema = part(answer).content?.['application/json']?.schema ?? null;
      return [Number(status), schema] as const;
    });
    return {
      method: method.toUpperCase(),
      path,
      parameters: one.parameters.map(part),
      body: content['application/json']?.schema,
      file: Object.keys(content).find((type) => type !== 'application/json'),
      answers: new Map(answers),
      open: one.security?.length === 0,
    };
  }

  /** A record of each kind, so that addresses lead somewhere. */
  async function someRecords() {
    const owner = await workspace.person('owner');
    const make = async (path: string, body: object) => {
      const { status, body: answer, text } = await owner.post(path, body);
      if (status !== 201) throw new Error(text);
      return answer.data.id as string;
    };
    const company = await make('/companies', { name: 'Hooli' });
    const pipeline = await make('/pipelines', { name: 'Sales' });
    return new Map([
      ['companies', [company]],
      ['contacts', [await make('/contacts', { firstName: 'A', lastName: 'B' })]],
      ['pipelines', [pipeline]],
      [
        'deals',
        [
          await make('/deals', {
            name: 'D',
            pipelineId: pipeline,
            amount: { amountMinor: '1', currency: 'EUR' },
          }),
        ],
      ],
      ['tasks', [await make('/tasks', { title: 'T' })]],
      ['products', [await make('/products', { name: 'P' })]],
      ['teams', [await make('/teams', { name: 'Team' })]],
      ['users', [(await workspace.person('member')).id]],
      ['scimConnections', [await make('/scimConnections', { name: 'Directory' })]],
    ]);
  }

  function requests(operation: Operation, isBroken: boolean): fc.Arbitrary<Asked> {
    const { path, parameters, body, file, method } = operation;
    const real = known.get(path.split('/')[1]!) ?? [];
    const wrongText = fc.constantFrom(...wrongValues.map(String).map((text) => text.slice(0, 300)));
    const valueOf = ({ name, schema, in: place }: Parameter) => {
      const text = valuesOf(schema, resolve).map(String);
      if (place === 'path' && name === 'id' && real.length > 0) {
        const some = fc.constantFrom(...real);
        return isBroken ? fc.oneof(some, wrongText) : fc.oneof(some, some, text);
      }
      return isBroken ? fc.oneof(text, wrongText) : text;
    };
    const of = (place: Parameter['in']) => {
      const own = parameters.filter((one) => one.in === place);
      const requiredKeys = own.filter((one) => one.required).map(({ name }) => name);
      const record = Object.fromEntries(own.map((one) => [one.name, valueOf(one)]));
      return fc.record(record, { requiredKeys: isBroken && place !== 'path' ? [] : requiredKeys });
    };
    const json = !body
      ? fc.constant(undefined)
      : isBroken
        ? fc.oneof(
            brokenOf(body, resolve).map((value) => JSON.stringify(value)),
            brokenOf(body, resolve).map((value) => JSON.stringify(value)),
            fc.constantFrom('', '{', '{"a":1,}', '\u0000', '{"__proto__":{"a":1}}', '1e999'),
          )
        : valuesOf(body, resolve).map((value) => JSON.stringify(value));
    const bytes = file && !body ? fc.string({ maxLength: 200 }) : json;
    const type = body ? 'application/json' : file;
    return fc
      .record({ ids: of('path'), query: of('query'), headers: of('header'), raw: bytes })
      .map(({ ids, query, headers, raw }) => {
        const at = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
          encoded((ids as Record<string, string>)[name] || 'x'),
        );
        const search = Object.entries(query as Record<string, string>)
          .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
          .join('&');
        const sent = Object.entries(headers as Record<string, string>).map(
          ([name, value]) => [name, value.replaceAll(/[^\x21-\x7e]/g, '')] as const,
        );
        return {
          path: `/api/v1${at}${search ? `?${search}` : ''}`,
          headers: {
            ...Object.fromEntries(sent),
            ...(raw === undefined || !type ? {} : { 'content-type': type }),
          },
          raw: method === 'GET' ? undefined : raw,
        };
      });
  }

  /** What is wrong with an answer; undefined when it is as the document says. */
  function problemOf({ answers }: Operation, { status, headers, body, text }: Reply) {
    if (status >= 500 && !(status === 503 && headers.get('retry-after'))) return 'a failure';
    const isJson = (headers.get('content-type') ?? '').includes('application/json');
    if (status >= 400) {
      if (!REFUSALS.has(status) && status !== 503) return 'an undeclared refusal';
      return matches({ $ref: '#/components/schemas/Error' }, body);
    }
    const schema = answers.get(status);
    if (schema === undefined) return 'an undeclared status';
    if (!isJson || schema === null) return text === '' || !isJson ? undefined : 'a body';
    return matches(schema, body);
  }

  function matches(schema: object, value: unknown): string | undefined {
    let validate = compiled.get(schema);
    if (!validate) {
      const text = JSON.stringify(schema).replaceAll('"#/', `"${BASE}#/`);
      validate = ajv.compile(JSON.parse(text));
      compiled.set(schema, validate);
    }
    return validate(value) ? undefined : ajv.errorsText(validate.errors);
  }

  /** Some requests end the session or the workspace of whoever sends them. */
  async function ownerAfter(before: TestUser): Promise<TestUser> {
    if ((await before.get('/auth/me')).status === 200) return before;
    const owner = await workspace.person('owner');
    if ((await owner.get('/auth/me')).status === 200) return owner;
    workspace = await server.workspace();
    known = await someRecords();
    return workspace.person('owner');
  }

  for (const isBroken of [false, true]) {
    const kind = isBroken ? 'broken' : 'allowed';
    it(`S22 answers ${kind} requests as declared, and never with a failure`, async () => {
      const wrong: unknown[] = [];
      let owner = await workspace.person('owner');
      for (const operation of operations) {
        const { method, open } = operation;
        const { token } = owner;
        const result = await fc.check(
          fc.asyncProperty(requests(operation, isBroken), async ({ path, headers, raw }) => {
            const reply = await server.request(path, {
              method,
              headers,
              ...(raw === undefined ? {} : { raw }),
              ...(open ? {} : { token }),
            });
            const problem = problemOf(operation, reply);
            if (!problem) return;
            throw new Error(`${reply.status} ${problem}: ${reply.text.slice(0, 300)}`);
          }),
          { numRuns: RUNS, endOnFailure: true },
        );
        if (method !== 'GET') owner = await ownerAfter(owner);
        if (!result.failed) continue;
        const { seed, counterexample, errorInstance } = result;
        const told = (errorInstance as Error).message;
        wrong.push({ method, path: operation.path, told, seed, counterexample });
      }
      expect(wrong).toEqual([]);
    });
  }

  it('S22 takes no content type nobody declared', async () => {
    const owner = await workspace.person('owner');
    const wrong: unknown[] = [];
    for (const { method, path } of operations) {
      if (method === 'GET') continue;
      const at = `/api/v1${path.replaceAll(/\{\w+\}/g, owner.id)}`;
      for (const type of ['application/xml', 'text/plain', 'application/json-patch+json']) {
        const headers = { 'content-type': type };
        const reply = await server.request(at, {
          method,
          raw: '<a/>',
          headers,
          token: owner.token,
        });
        if (reply.status !== 415) wrong.push([method, path, type, reply.status]);
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** Text as part of an address; half a surrogate cannot be. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
