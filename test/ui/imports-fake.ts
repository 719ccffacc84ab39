import type { Page, Route } from 'playwright-core';

const id = (last: number) => `01930000-0000-7000-8000-${String(last).padStart(12, '0')}`;
export const fileId = id(1);
export const jobId = id(2);

const field = (name: string, title: string, kind: string, more: object = {}) => ({
  name,
  title,
  kind,
  required: false,
  ...more,
});
const column = (
  name: string,
  samples: readonly string[],
  guess: string | null,
  formats: readonly string[] = [],
  filled = 1,
) => ({ name, samples, filled, guess: { field: guess, format: formats[0] ?? null }, formats });

/** A file with everything the columns step has a word for. */
export const contactsFile = {
  id: fileId,
  name: 'contacts-spring.csv',
  bytes: 48_213,
  type: 'contacts',
  dialect: { encoding: 'windows-1252', delimiter: ';', header: true },
  rowsEstimate: 255,
  columns: [
    column('First name', ['Ada', 'Björn', 'Carla', 'Dinesh', 'Élodie'], 'firstName'),
    column('Surname', ['Lovelace', 'Åkesson', 'Nuñez', 'Chugtai', 'Martin'], 'lastName'),
    column('E-mail', ['ada@example.com', 'bjorn@example.com'], 'email', ['email'], 0.94),
    column('Company', ['Hooli', 'Aviato', 'Raviga Capital'], 'companyId', [], 0.8),
    column('Stage', ['lead', 'customer', 'Prospect A'], 'lifecycleStage'),
    column('Last call', ['03/04/2024', '11/12/2024'], 'lastContactedAt', [
      'MM/DD/YYYY',
      'DD/MM/YYYY',
    ]),
    column('Score', ['12', 'many'], 'leadScore', [], 0.6),
    column('Mail (old)', ['ada@old.example'], 'email', ['email'], 0.1),
    column('Row', ['1', '2', '3', '4', '5'], null, ['1234.5']),
  ],
  fields: [
    field('firstName', 'First name', 'text', { required: true }),
    field('lastName', 'Last name', 'text', { required: true }),
    field('email', 'E-mail', 'email'),
    field('companyId', 'Company', 'lookup', { lookup: { type: 'companies', by: ['name', 'id'] } }),
    field('lifecycleStage', 'Lifecycle', 'choice', {
      choices: [
        { value: 'lead', title: 'Lead' },
        { value: 'opportunity', title: 'Opportunity' },
        { value: 'customer', title: 'Customer' },
      ],
    }),
    field('lastContactedAt', 'Last contact', 'instant'),
    field('leadScore', 'Score', 'number'),
    field('about', 'About', 'longText'),
    field('tags', 'Tags', 'tags'),
  ],
  keyGuess: ['email'],
};

const problems = [
  ['12', 'Score', 'many', 'number', 'is no number', 'Write it like 1234.5.'],
  ['12', 'Last call', '31/31/2024', 'instant', 'is no moment', 'Write it like 01/31/2024.'],
  ['57', 'E-mail', 'ada at example', 'email', 'is no e-mail address', 'Write one address.'],
  ['90', 'Company', 'Nucleus', 'lookup', 'is the name of no company', 'Create it, or mend it.'],
].map(([line, name, value, rule, message, remedy]) => ({
  line: Number(line),
  column: name,
  value,
  rule,
  message,
  remedy,
}));

/** Jobs as GraphQL answers them. */
export const jobs = {
  job: (more: object = {}) => ({
    id: jobId,
    kind: 'import',
    title: 'Import of contacts',
    status: 'running',
    progress: { done: '3120', total: '8800', unit: 'rows', rate: 1650.4, secondsLeft: 4 },
    result: null,
    error: null,
    attempts: 1,
    createdBy: { id: id(9), name: 'Richard Hendricks' },
    createdAt: new Date(Date.now() - 90_000).toISOString(),
    startedAt: new Date(Date.now() - 80_000).toISOString(),
    finishedAt: null,
    cancelRequested: false,
    ...more,
  }),
  ended: (result: object, more: object = {}) =>
    jobs.job({
      status: 'succeeded',
      progress: { done: '255', total: '255', unit: 'rows', rate: null, secondsLeft: null },
      finishedAt: new Date().toISOString(),
      result: {
        dryRun: false,
        type: 'contacts',
        created: 198,
        changed: 21,
        unchanged: 32,
        rejected: 4,
        rows: 255,
        seconds: 0.7,
        problems,
        problemCount: 4,
        ...result,
      },
      ...more,
    }),
  failed: () =>
    jobs.job({
      status: 'failed',
      finishedAt: new Date().toISOString(),
      error: {
        code: 'FILE_GONE',
        message: 'The uploaded file has been deleted by now.',
        remedy: 'Upload it again and begin a new import.',
      },
    }),
};

const json = (route: Route, data: unknown, status = 200) =>
  route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(data) });

export interface Fake {
  /** The file, or the status of a refusal. */
  file?: unknown;
  job?: () => unknown;
  all?: () => readonly unknown[];
  /** Bodies of the imports that were begun. */
  readonly begun: any[];
  /** Addresses files were read by. */
  readonly read: string[];
}

/** Answers what the wizard and the jobs ask, instead of the server; everything else passes. */
export async function fakeImports(page: Page, given: Partial<Fake> = {}): Promise<Fake> {
  const fake: Fake = { file: contactsFile, begun: [], read: [], ...given };
  await page.route(/\/api\/v1\/import-files/, (route) => {
    fake.read.push(new URL(route.request().url()).search);
    if (typeof fake.file !== 'number') return json(route, { success: true, data: fake.file });
    const error = { code: 'REFUSED', message: 'It is not to be had.', details: [] };
    return json(route, { success: false, error }, fake.file);
  });
  await page.route(/\/api\/v1\/\w+\/import$/, (route) => {
    fake.begun.push(route.request().postDataJSON());
    return json(
      route,
      { success: true, data: { ...((fake.job?.() ?? jobs.job()) as object) } },
      202,
    );
  });
  await page.route(/\/graphql$/, (route) => {
    const { query } = route.request().postDataJSON() as { query: string };
    const name = /(?:query|mutation) (\w+)/.exec(query)?.[1];
    if (name === 'Job') return json(route, { data: { job: fake.job?.() ?? null } });
    if (name === 'CancelJob' || name === 'RetryJob') {
      const answer = { __typename: 'Job', ...(fake.job?.() as object) };
      return json(route, { data: { answer } });
    }
    if (name !== 'Jobs') return route.fallback();
    const nodes = fake.all?.() ?? [];
    return json(route, { data: { jobs: { nodes, pageInfo: { hasNextPage: false } } } });
  });
  return fake;
}
