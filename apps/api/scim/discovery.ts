import { LIST_SCHEMA, MAX_RESULTS } from './lists.js';
import { ScimProblem } from './problem.js';
import { resourceTypes, schemas } from './schemas.js';

const URN = 'urn:ietf:params:scim:schemas:core:2.0';

/** What the service can do (RFC 7643, section 5). */
export function serviceProviderConfig(base: string) {
  return {
    schemas: [`${URN}:ServiceProviderConfig`],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MAX_RESULTS },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'The token an administrator makes on the page Provisioning.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: {
      resourceType: 'ServiceProviderConfig',
      location: `${base}/ServiceProviderConfig`,
    },
  };
}

function resourceTypesOf(base: string) {
  return resourceTypes.map(({ name, endpoint, description, schema, extension }) => ({
    schemas: [`${URN}:ResourceType`],
    id: name,
    name,
    endpoint,
    description,
    schema: schema.id,
    ...(extension ? { schemaExtensions: [{ schema: extension.id, required: false }] } : {}),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }));
}

function schemasOf(base: string) {
  return schemas.map((schema) => ({
    schemas: [`${URN}:Schema`],
    ...schema,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  }));
}

/** One of a discovery list, or with no id the list. */
function oneOrAll(all: readonly { readonly id: string }[], id: string | undefined) {
  if (id !== undefined) {
    const found = all.find((one) => one.id.toLowerCase() === id.toLowerCase());
    if (!found) throw new ScimProblem(404, `There is no ${id}.`);
    return found;
  }
  return {
    schemas: [LIST_SCHEMA],
    totalResults: all.length,
    startIndex: 1,
    itemsPerPage: all.length,
    Resources: all,
  };
}

export const discoveredTypes = (base: string, id?: string) => oneOrAll(resourceTypesOf(base), id);
export const discoveredSchemas = (base: string, id?: string) => oneOrAll(schemasOf(base), id);
