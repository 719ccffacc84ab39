import { readdirSync, readFileSync } from 'node:fs';
import { publishedOf, type PublishedEvent } from '#event-schemas/published-gate';
import type { EventDefinition } from '#kernel/event';
import { refusal, type Refusal } from '#kernel/refusal';
import type { Answer, Endpoint } from './endpoint.js';
import { count, listOf, maybe, objectOf, text } from './schemas.js';
import type { Services } from './services.js';

const entry = objectOf({
  type: text,
  action: text,
  version: { ...count, description: 'The version that is written now.' },
  versions: { ...listOf(count), description: 'Every version a log may hold.' },
});

const published = objectOf(
  {
    type: text,
    version: count,
    action: text,
    subject: { ...maybe(text), description: 'The field that names the data subject.' },
    personal: { ...listOf(text), description: 'Fields encrypted under the key of the subject.' },
    schema: { type: 'object', description: 'JSON Schema of the data.' },
    sample: { type: 'object' },
  },
  ['type', 'version', 'action', 'personal', 'schema', 'sample'],
);

/** `event-schemas/published`, which stands above sources and builds alike. */
function publishedFiles(folder = new URL('.', import.meta.url)): readonly PublishedEvent[] {
  const here = new URL('event-schemas/published/', folder);
  try {
    return readdirSync(here)
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(new URL(file, here), 'utf8')) as PublishedEvent);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const above = new URL('..', folder);
  return above.href === folder.href ? [] : publishedFiles(above);
}

const nameOf = ({ type, version }: Pick<PublishedEvent, 'type' | 'version'>) =>
  `${type}/${version}`;

/** Every version by type and version: the files, and what is declared and not published yet. */
function everyVersion(events: readonly EventDefinition[]): ReadonlyMap<string, PublishedEvent> {
  const declared = new Set(events.map(({ type }) => type));
  const known = publishedFiles().filter(({ type }) => declared.has(type));
  return new Map([...events.map(publishedOf), ...known].map((one) => [nameOf(one), one]));
}

/** Every version, and the events with the versions they have, by name. */
function catalogueOf(events: readonly EventDefinition[]) {
  const all = everyVersion(events);
  const byType = Map.groupBy(all.values(), ({ type }) => type);
  const list = events
    .map(({ type, action, version }) => ({
      type,
      action,
      version,
      versions: byType
        .get(type)!
        .map((one) => one.version)
        .sort((a, b) => a - b),
    }))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
  return { all, list };
}

function notFound(type: string, version: string): Refusal {
  const message = `There is no version ${version} of an event ${type}.`;
  const remedy = 'GET /api/v1/event-schemas lists every event with its versions.';
  return refusal('NOT_FOUND', 'missing', message, [{ rule: 'event', message, remedy }]);
}

/** What the events of a log say, version by version. */
export function eventSchemaEndpoints({ platform }: Pick<Services, 'platform'>): Endpoint[] {
  const { events } = platform.registry.product;
  let known: ReturnType<typeof catalogueOf> | undefined;
  // The files are read for whoever asks first, and not while the server starts.
  const catalogue = () => (known ??= catalogueOf(events));
  return [
    {
      operation: 'event_schemas',
      method: 'GET',
      path: '/event-schemas',
      tag: 'events',
      summary: 'List the events of the log',
      description:
        'Every event with the versions a log may hold. A published version never changes; another ' +
        'shape is another version.',
      access: 'open',
      answer: { status: 200, description: 'Every event.', data: listOf(entry) },
      handle: () => Promise.resolve({ data: catalogue().list }),
    },
    {
      operation: 'event_schema',
      method: 'GET',
      path: '/event-schemas/:type/:version',
      tag: 'events',
      summary: 'Read one version of an event',
      description: 'Its JSON Schema, its personal fields and a sample.',
      access: 'open',
      answer: { status: 200, description: 'The version.', data: published },
      refusals: ['404 NOT_FOUND'],
      handle: ({ params }): Promise<Answer | Refusal> => {
        const [type, version] = [params['type']!, params['version']!];
        const data = catalogue().all.get(`${type}/${version}`);
        return Promise.resolve(data ? { data } : notFound(type, version));
      },
    },
  ];
}
