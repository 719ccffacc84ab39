// Writes what the admin knows of the GraphQL API into one file of the frontend: the fields of each
// record type, and its documents with the types of their variables and results.
// `--check` only says whether the file is in step.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { isObjectType, parse } from 'graphql';

const root = join(import.meta.dirname, '..', '..');
const schemaFile = join(root, 'apps', 'api', 'graphql', 'schema.graphql');
const target = join(root, 'frontend', 'src', 'data', 'generated', 'graphql.ts');

const config = {
  skipTypename: true,
  immutableTypes: true,
  useTypeImports: true,
  documentMode: 'string',
  dedupeFragments: true,
  scalars: { Date: 'string', DateTime: 'string', BigInt: 'string', JSON: 'unknown', ID: 'string' },
};

/** One union of field names per record type, so that a table cannot name what is not there. */
const fieldNames = {
  plugin(schema) {
    const records = Object.values(schema.getTypeMap()).filter(
      (type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Record'),
    );
    const lines = records.map((type) => {
      const names = Object.keys(type.getFields()).map((name) => `'${name}'`);
      return `  readonly ${type.name}: ${names.join(' | ')};`;
    });
    const block = `export interface RecordFields {\n${lines.join('\n')}\n}\n`;
    return `/** The fields of every type of record. */\n${block}`;
  },
};

/** The generated file, from the published schema and every document beside its feature. */
export async function graphqlClient() {
  const files = globSync('frontend/src/**/*.graphql', { cwd: root }).sort();
  const documents = files.map((location) => ({
    location,
    document: parse(readFileSync(join(root, location), 'utf8')),
  }));
  return codegen({
    filename: target,
    schema: parse(readFileSync(schemaFile, 'utf8')),
    documents,
    config,
    plugins: [{ fieldNames: {} }, { operations: {} }, { typedDocuments: {} }],
    pluginMap: { fieldNames, operations, typedDocuments },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const content = await graphqlClient();
  const known = existsSync(target) ? readFileSync(target, 'utf8') : '';
  if (!process.argv.includes('--check')) {
    writeFileSync(target, content);
  } else if (known !== content) {
    process.stderr.write(
      'The GraphQL client is not in step: node ops/generators/graphql-client.mjs\n',
    );
    process.exitCode = 1;
  }
}
