// Fills an empty database as the release in the working folder does it; freeze-release.mjs starts
// it in the folder of an older one, so it uses only what every release has.
import { runCli } from '#apps/cli/run';
import { product } from '#apps/composition/product';
import { everything } from '#kernel/context';
import { Platform } from '#platform/platform';
import { Readable } from 'node:stream';

const { DATABASE_URL: url, MASTER_KEY: key } = process.env;
const environment = { DATABASE_URL: url, MASTER_KEY: key, ALLOW_UNSAFE_DURABILITY: 'true' };

let told = '';
const line =
  'tenants create --name Hooli --owner-email gavin@hooli.example --owner-password-stdin --json';
const code = await runCli(line.split(' '), {
  terminal: { out: { write: (text) => (told += text) }, error: process.stderr, noColor: true },
  input: Readable.from(['seven quiet lanterns drift']),
  environment,
});
if (code !== 0) throw new Error(`the workspace was not made: ${told}`);
const tenantId = JSON.parse(told).id;

const platform = await Platform.open({
  url,
  masterKey: Buffer.from(key, 'base64'),
  poolSize: 5,
  allowUnsafeDurability: true,
  product,
});
const ctx = {
  tenantId,
  actor: { type: 'system', id: 'frozen' },
  grants: everything,
  requestId: 'frozen',
  correlationId: 'frozen',
};
async function dispatch(name, input, id) {
  const answer = await platform.dispatch(name, input, ctx, id ? { id } : {});
  if (answer.refused) throw new Error(`${name}: ${JSON.stringify(answer)}`);
  return answer.id;
}

const industries = ['Tea', 'Boats', 'Lanterns'];
const pipelineId = await dispatch('CreatePipeline', { name: 'Partnerships' });
for (let n = 1; n <= 12; n++) {
  const company = await dispatch('CreateCompany', { name: `Company ${n}` });
  await dispatch('ChangeCompany', { industry: industries[n % 3], tags: ['frozen'] }, company);
  const contact = await dispatch('CreateContact', {
    firstName: 'Una',
    lastName: `Mere ${n}`,
    email: `una.${n}@hooli.example`,
    companyId: company,
  });
  const deal = await dispatch('CreateDeal', {
    name: `Deal ${n}`,
    pipelineId,
    companyId: company,
    contactId: contact,
    amount: { amountMinor: String(n * 12_345), currency: 'EUR' },
  });
  if (n % 3 === 0) await dispatch('WinDeal', {}, deal);
  if (n % 3 === 1) await dispatch('LoseDeal', { lostReason: 'price' }, deal);
  const task = await dispatch('CreateTask', {
    title: `Call ${n}`,
    dueDate: '2026-12-01T09:00:00Z',
  });
  if (n % 2 === 0) await dispatch('CompleteTask', {}, task);
  if (n % 5 === 0) await dispatch('DeleteCompany', {}, company);
  if (n % 4 === 0) await dispatch('ArchiveContact', {}, contact);
}
await platform.projections.catchUp();
await platform.close();
