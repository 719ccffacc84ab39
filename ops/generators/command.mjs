// `npm run generate -- command <context>/<aggregate>/<verb-noun>`: a slice that compiles and passes.
// Two new files beside the specification and four one-place edits; then make it say what you mean.
import { existsSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { namesOf } from './names.mjs';

const root = process.env.CLIENTFORGE_ROOT ?? fileURLToPath(new URL('../..', import.meta.url));
const path = (...parts) => join(root, ...parts);
const fail = (message) => {
  console.error(message);
  process.exit(2);
};

/** The index just behind the brace or bracket that closes the one at `open`. */
function closing(source, open) {
  const pairs = { '{': '}', '[': ']' };
  const [left, right] = [source[open], pairs[source[open]]];
  for (let depth = 0, i = open; i < source.length; i++) {
    if (source[i] === left) depth += 1;
    if (source[i] === right && --depth === 0) return i;
  }
  throw new Error('unbalanced source');
}

/** Adds names to the import of a module, or the import itself. */
function ensureImport(source, module, names) {
  const pattern = new RegExp(`import \\{([^}]*)\\} from '${module.replace('/', '\\/')}';`);
  const found = pattern.exec(source);
  if (!found) return `import { ${names.join(', ')} } from '${module}';\n${source}`;
  const have = found[1]
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const missing = names.filter((name) => !have.includes(name));
  const all = [...have, ...missing].join(', ');
  return source.replace(found[0], `import { ${all} } from '${module}';`);
}

/** Adds a case to the first switch over the event, or turns the shared fold into one. */
function addCase(source, type, { plain, block, result }) {
  if (plain.test(source)) {
    return source.replace(plain, (_all, life) => block(life, `case '${type}': ${result}`));
  }
  const at = source.indexOf('switch (event.type) {');
  if (at < 0) fail('This aggregate folds its events in a way of its own: write the slice by hand.');
  const end = closing(source, source.indexOf('{', at));
  return `${source.slice(0, end)}case '${type}': ${result}\n${source.slice(end)}`;
}

function editEvents(source, n) {
  const definition = `
export const ${n.eventConst} = defineEvent({
  type: '${n.event}',
  action: '${n.action}',
  schema: object({ ${n.idKey}: uuid(), reason: nullable(text(500, { description: 'Why.' })) }),
  samples: { 1: { ${n.idKey}: '01890a5d-ac96-774b-bcce-b302099a8057', reason: null } },
});
`;
  const union = new RegExp(`export type ${n.aggregateClass}Event =([^;]*);`);
  if (!union.test(source)) fail(`${n.eventsFile} has no type ${n.aggregateClass}Event.`);
  let edited = ensureImport(source, '#kernel/event', ['defineEvent', 'type EventOf']);
  edited = ensureImport(edited, '#kernel/fields', ['nullable', 'object', 'text', 'uuid']);
  const member = `EventOf<typeof ${n.eventConst}>`;
  edited = edited.replace(union, (all, types) => all.replace(types, `${types} | ${member}`));
  const plain = `export const ${n.aggregate}Events = ${n.life}.events;`;
  const list = `export const ${n.aggregate}Events = [`;
  if (edited.includes(plain)) {
    edited = edited.replace(plain, `${list}...${n.life}.events, ${n.eventConst}];`);
  } else if (edited.includes(list)) {
    const open = edited.indexOf(list) + list.length - 1;
    const end = closing(edited, open);
    edited = `${edited.slice(0, end).trimEnd().replace(/,$/, '')}, ${n.eventConst}${edited.slice(end)}`;
  } else fail(`${n.eventsFile} has no list ${n.aggregate}Events.`);
  // Before the union and the list, which both name it.
  const position = Math.min(
    ...['export type', list].map((text) => edited.indexOf(text)).filter((i) => i >= 0),
  );
  return edited.slice(0, position) + definition.trimStart() + '\n' + edited.slice(position);
}

const editAggregate = (source, n) =>
  addCase(source, n.event, {
    plain: /evolve: \(state, event\) => (\w+)\.foldState\(state, event\),/,
    block: (life, added) =>
      `evolve(state, event): ${n.aggregateClass}State {
        if (${life}.isLife(event)) return ${life}.foldState(state, event);
        switch (event.type) { ${added} }
      },`,
    result: 'return state;',
  });

function editProjection(source, n) {
  // A fold that adds columns of its own to the shared one: other events leave the row as it is.
  const shared = /= (\w+)\.foldRow\(row, event, event\.envelope\.occurredAt\);/;
  if (!source.includes('.isLife(event)') && shared.test(source)) {
    return source.replace(
      shared,
      (all, life) => `= ${life}.isLife(event) ? ${all.slice(2, -1)} : { ...row };`,
    );
  }
  return addCase(source, n.event, {
    plain: /evolve: \(row, event\) => (\w+)\.foldRow\(row, event, event\.envelope\.occurredAt\),/,
    block: (life, added) =>
      `evolve(row, event) {
        if (${life}.isLife(event)) return ${life}.foldRow(row, event, event.envelope.occurredAt);
        switch (event.type) { ${added} }
      },`,
    result: 'return { ...row };',
  });
}

function editCommands(source, n) {
  const imported = `import { ${n.commandConst} } from './${n.file}.js';\n`;
  const list = `export const ${n.aggregate}Commands = commandList(`;
  let edited = source;
  if (edited.includes(list)) {
    edited = edited.replace(list, `${list}\n  ${n.commandConst},`);
  } else {
    const plain = new RegExp(
      `export const ${n.aggregate}Commands = Object\\.values\\(([\\s\\S]*)\\);\\s*$`,
    );
    if (!plain.test(edited)) fail(`${n.commandsFile} has no list ${n.aggregate}Commands.`);
    edited = edited.replace(
      plain,
      (_all, life) => `${list}${n.commandConst}, ...Object.values(${life}));\n`,
    );
    edited = ensureImport(edited, '#kernel/command', ['commandList']);
  }
  return imported + edited;
}

const command = (n) => `import { defineCommand } from '#kernel/command';
import { nullable, object, optional, text } from '#kernel/fields';
import { requireActive } from '#kernel/record-rules';
import { ${n.aggregate} } from './${n.aggregate}.js';

/** ${n.sentence} */
export const ${n.commandConst} = defineCommand({
  name: '${n.command}',
  description: '${n.sentence}',
  input: object({ reason: optional(nullable(text(500, { description: 'Why.' }))) }),
  aggregate: ${n.aggregate},
  permission: '${n.collection}:update',
  rest: { method: 'POST', path: '/${n.collection}/:id/${n.route}' },
  decide({ reason }, state, ctx) {
    const refused = requireActive(state);
    if (refused) return refused;
    const data = { ${n.idKey}: ctx.id, reason: reason ?? null };
    return [{ type: '${n.event}' as const, data }];
  },
  inverse: { irreversible: 'It is only noted in the history; no field changes.' },
});
`;

const specification = (n) =>
  `import { describe, expect, it } from '@jest/globals';
import { ${n.life} } from '#event-schemas/${n.context}/${n.aggregate}.events';
import { given, SPEC_ID } from '#kernel/specification';
import { ${n.aggregate} } from './${n.aggregate}.js';
import { ${n.commandConst} } from './${n.file}.js';

const { type, version, samples } = ${n.life}.events[0]!;
const created = { type, data: samples[version]! } as Parameters<typeof ${n.aggregate}.evolve>[1];

describe('${n.command}', () => {
  it('${n.action}s an active ${n.aggregate}', () => {
    const { events } = given(${n.aggregate}, [created]).when(${n.commandConst}, { reason: 'asked' });
    expect(events).toEqual([
      { type: '${n.event}', data: { ${n.idKey}: SPEC_ID, reason: 'asked' } },
    ]);
  });

  it('is refused for a ${n.aggregate} that does not exist', () => {
    expect(given(${n.aggregate}).when(${n.commandConst}).refusal?.code).toBe('NOT_FOUND');
  });
});
`.replace(`it('${n.action}s an`, "it('changes an");

const published = (n) => {
  const id = '01890a5d-ac96-774b-bcce-b302099a8057';
  return JSON.stringify(
    {
      type: n.event,
      version: 1,
      action: n.action,
      personal: [],
      schema: {
        type: 'object',
        required: [n.idKey, 'reason'],
        properties: {
          [n.idKey]: { type: 'string', format: 'uuid' },
          reason: {
            anyOf: [
              { type: 'string', minLength: 1, maxLength: 500, description: 'Why.' },
              { type: 'null' },
            ],
            description: 'Why.',
          },
        },
        additionalProperties: false,
      },
      sample: { [n.idKey]: id, reason: null },
    },
    null,
    2,
  );
};

async function write(file, source) {
  const full = path(file);
  mkdirSync(dirname(full), { recursive: true });
  const options = { ...(await resolveConfig(full)), filepath: full };
  writeFileSync(full, await format(source, options));
  console.log(file);
}

const target = process.argv[2] ?? '';
if (!/^[a-z]+\/[a-z][a-z-]*\/[a-z]+(-[a-z]+)+$/.test(target)) {
  fail('usage: npm run generate -- command <context>/<aggregate>/<verb-noun>');
}
const names = namesOf(target);
const read = (file) => {
  if (!existsSync(path(file))) fail(`There is no ${file}: the aggregate comes first.`);
  return readFileSync(path(file), 'utf8');
};
const collection = /collection: '([a-z-]+)'/i.exec(read(names.commandsFile))?.[1];
if (!collection) fail(`${names.commandsFile} names no collection.`);
const n = { ...names, collection };
if (existsSync(path(n.commandFile))) fail(`${n.commandFile} exists already.`);

const projection = `projections/${n.context}/${collection}.ts`;
const edits = [
  [n.eventsFile, editEvents],
  [n.aggregateFile, editAggregate],
  [n.commandsFile, editCommands],
  [projection, editProjection],
].map(([file, edit]) => [file, edit(read(file), n)]);
await write(n.commandFile, command(n));
await write(n.specFile, specification(n));
await write(`event-schemas/published/${n.event}.v1.json`, published(n));
for (const [file, source] of edits) await write(file, source);
