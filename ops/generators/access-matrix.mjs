// Writes test/acceptance/matrix/golden.csv: who may do what, as the code declares it. Its changes are
// reviewed; the spec of the matrix asks the running product and compares.
import { writeFileSync } from 'node:fs';
import { declaredMatrix, matrixCsv, operationsOf } from '../../dist/apps/api/access-matrix.js';
import { Endpoints } from '../../dist/apps/api/rest/endpoints.js';
import { product } from '../../dist/apps/composition/product.js';
import { Registry } from '../../dist/libs/platform/commands/registry.js';

// Endpoints are declared, not asked: what they would work with may be anything.
const anything = new Proxy(() => undefined, {
  get: (_target, name) => {
    if (name === Symbol.iterator) return () => [][Symbol.iterator]();
    return name === Symbol.toPrimitive ? () => '' : anything;
  },
  apply: () => anything,
  construct: () => anything,
});
const registry = new Registry(product);
const platform = new Proxy({ registry }, { get: (known, name) => known[name] ?? anything });
const services = new Proxy(
  { platform, publicUrl: 'http://localhost' },
  { get: (known, name) => known[name] ?? anything },
);
const { all } = new Endpoints(services);
const target = new URL('../../test/acceptance/matrix/golden.csv', import.meta.url);
writeFileSync(target, matrixCsv(declaredMatrix(operationsOf(all, registry))));
