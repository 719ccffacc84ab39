import type { SampleSignIn } from '../api-options.js';
import type { Operation } from './openapi.js';

/** A request as an example shows it. */
interface Example {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly open: boolean;
}

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

function exampleOf(method: string, path: string, operation: Operation): Example {
  const address = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    name === 'entityType' ? 'company' : SAMPLE_ID,
  );
  const query = operation.parameters
    .filter((one) => one.in === 'query' && one.required)
    .map(({ name, schema }) => `${name}=${String(schema['minimum'] ?? 'hooli')}`);
  const content = operation.requestBody?.content['application/json'];
  return {
    method: method.toUpperCase(),
    url: `/api/v1${address}${query.length > 0 ? `?${query.join('&')}` : ''}`,
    ...(content ? { body: content.example } : {}),
    open: operation.security?.length === 0,
  };
}

/** The call on a command line; `$BASE` and `$TOKEN` come from the quick start. */
export function curlOf(method: string, path: string, operation: Operation): string {
  const { url, body, open, ...example } = exampleOf(method, path, operation);
  const lines = [
    `curl${example.method === 'GET' ? '' : ` -X ${example.method}`} "$BASE${url}"`,
    ...(open ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(body === undefined
      ? []
      : [
          '-H "Content-Type: application/json"',
          `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
        ]),
  ];
  return lines.join(' \\\n  ');
}

/** The call with fetch; `base` and `token` come from the quick start. */
export function typescriptOf(method: string, path: string, operation: Operation): string {
  const { url, body, open, ...example } = exampleOf(method, path, operation);
  const headers = [
    ...(open ? [] : ['authorization: `Bearer ${token}`']),
    ...(body === undefined ? [] : ["'content-type': 'application/json'"]),
  ];
  const options = [
    ...(example.method === 'GET' ? [] : [`  method: '${example.method}',`]),
    ...(headers.length > 0 ? [`  headers: { ${headers.join(', ')} },`] : []),
    ...(body === undefined
      ? []
      : [`  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll('\n', '\n  ')}),`]),
  ];
  const given = options.length > 0 ? `, {\n${options.join('\n')}\n}` : '';
  const answer = operation.responses['204']
    ? 'if (!response.ok) throw new Error(await response.text());'
    : 'const { success, data, error } = await response.json();';
  return `const response = await fetch(\`\${base}${url}\`${given});\n${answer}`;
}

const PLACEHOLDER: SampleSignIn = {
  workspace: 'your-workspace',
  email: 'you@your-workspace.example',
  password: 'your password',
};

/** From nothing to the first contact, on a command line. */
export function quickStartCurl(base: string, signIn = PLACEHOLDER): string {
  const { workspace, email, password } = signIn;
  return `BASE=${base}
TOKEN=$(curl -s "$BASE/api/v1/auth/login" \\
  -H "Content-Type: application/json" \\
  -d '${JSON.stringify({ workspace, email, password })}' \\
  | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')

curl "$BASE/api/v1/contacts" \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: \\"my-first-contact\\"" \\
  -d '{"firstName":"Gavin","lastName":"Belson","email":"gavin@hooli.example"}'

curl "$BASE/api/v1/contacts?search=belson&sort=-createdAt" \\
  -H "Authorization: Bearer $TOKEN"`;
}

/** The same as a program for Node.js 24. */
export function quickStartTypescript(base: string, signIn = PLACEHOLDER): string {
  const { workspace, email, password } = signIn;
  return `const base: string = '${base}';

async function call(path: string, token?: string, body?: object): Promise<any> {
  const response = await fetch(\`\${base}/api/v1\${path}\`, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(token ? { authorization: \`Bearer \${token}\` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body && JSON.stringify(body),
  });
  const { success, data, error, meta } = await response.json();
  if (!success) throw new Error(\`\${error.message} (request \${meta.requestId})\`);
  return data;
}

const { accessToken } = await call('/auth/login', undefined, {
  workspace: '${workspace}',
  email: '${email}',
  password: '${password}',
});
const contact = await call('/contacts', accessToken, {
  firstName: 'Gavin',
  lastName: 'Belson',
  email: 'gavin@hooli.example',
  allowDuplicate: true,
});
console.log(contact.id, contact.firstName, contact.lastName);`;
}
