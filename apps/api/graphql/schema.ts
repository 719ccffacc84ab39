import { printSchema, type GraphQLSchema } from 'graphql';
import type { Registry } from '#platform/commands/registry';
import { accessPart } from './access-part.js';
import { accountPart } from './account-part.js';
import { changePart } from './change-part.js';
import { commandResolvers } from './command-resolvers.js';
import { dealPipelinePart } from './deal-pipeline-part.js';
import { operationsPart } from './operations-part.js';
import { importPart } from './import-part.js';
import { jobPart } from './job-part.js';
import { erasurePart } from './erasure-part.js';
import { handOverPart } from './hand-over-part.js';
import { recordResolvers } from './record-resolvers.js';
import { executableSchema } from './resolvers.js';
import { productSdl } from './sdl.js';
import { settingsPart } from './settings-part.js';
import { timelinePart } from './timeline-part.js';

/** The GraphQL API of a product: everything in it is generated from what is declared. */
export function graphqlSchema(registry: Registry): GraphQLSchema {
  const parts = [
    timelinePart,
    accountPart,
    accessPart,
    dealPipelinePart,
    changePart,
    operationsPart,
    jobPart,
    erasurePart,
    handOverPart,
    importPart,
    settingsPart,
  ].flatMap((part) => part(registry) ?? []);
  return executableSchema(productSdl(registry, parts), [
    recordResolvers(registry),
    commandResolvers(registry),
    ...parts.map(({ resolvers }) => resolvers),
  ]);
}

/** The schema as integrators get it: apps/api/graphql/schema.graphql. */
export function publishedSchema(registry: Registry): string {
  const note = '# Generated from the declared commands and read models: npm run generate -- sdl';
  return `${note}\n${printSchema(graphqlSchema(registry))}\n`;
}
