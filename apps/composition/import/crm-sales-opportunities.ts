import type { DealState, LivingDeal } from '#sales/deal/deal';
import { liveStages } from '#event-schemas/sales/stages';
import { stagesOf, type PipelineState } from '#sales/pipeline/pipeline';
import { membersOf, type TeamState } from '#identity/team/team';
import { amount, oneOf, optional, required, text, usDay, whole, type RowOf } from './columns.js';
import { load, partOf, refer, step, type Recipe, type Step } from './recipe.js';

/** Companies, people and products come without a date; they are older than every deal. */
const REFERENCE_DAY = '2016-01-01';
const reference = () => REFERENCE_DAY;
const DOLLARS = 'USD';
const MILLIONS = 6;

const PIPELINE = 'Sales opportunities';
const STAGES = [
  { name: 'Prospecting', probability: 10 },
  { name: 'Engaging', probability: 50 },
  { name: 'Won', kind: 'won' },
  { name: 'Lost', kind: 'lost' },
];

/** Spellings of the files that mean another value; all others are kept as they are. */
const SECTORS = { technolgy: 'technology' };
const PRODUCTS = { GTXPro: 'GTX Pro' };

const product = text(255);
const person = text(200);
const account = text(255);

/** The first word is the given name. */
function personName(name: string) {
  const [firstName, ...rest] = name.split(/\s+/);
  return { firstName, lastName: rest.join(' ') || firstName };
}

const products = load({
  title: 'Products',
  file: 'products.csv',
  record: 'product',
  columns: {
    product: required(product),
    series: optional(text(100)),
    sales_price: required(amount(DOLLARS)),
  },
  key: (row) => row.product,
  on: reference,
  values: (row) => ({ name: row.product, series: row.series, unitPrice: row.sales_price }),
});

const managers = load({
  title: 'Managers',
  file: 'sales_teams.csv',
  record: 'user',
  columns: { manager: required(person) },
  key: (row) => row.manager,
  repeats: true,
  on: reference,
  values: (row) => ({ ...personName(row.manager), title: 'Sales manager' }),
  initial: () => ({ role: 'manager', status: 'not_invited' }),
});

const agents = load({
  title: 'Agents',
  file: 'sales_teams.csv',
  record: 'user',
  columns: { sales_agent: required(person) },
  key: (row) => row.sales_agent,
  on: reference,
  values: (row) => ({ ...personName(row.sales_agent), title: 'Sales agent' }),
  initial: () => ({ role: 'member', status: 'not_invited' }),
});

const teams = load({
  title: 'Teams',
  file: 'sales_teams.csv',
  record: 'team',
  columns: { manager: required(person), regional_office: required(text(100)) },
  key: (row) => row.manager,
  repeats: true,
  on: reference,
  values: (row) => ({
    name: `Team ${row.manager}`,
    region: row.regional_office,
    managerId: refer('user', row.manager, 'manager'),
  }),
});

const members = load({
  title: 'Team members',
  file: 'sales_teams.csv',
  record: 'team',
  columns: { sales_agent: required(person), manager: required(person) },
  key: (row) => row.manager,
  repeats: true,
  steps: (row) => [
    step<TeamState>({
      name: `member:${row.sales_agent}`,
      command: 'AddTeamMember',
      input: { userId: refer('user', row.sales_agent, 'sales_agent') },
      on: REFERENCE_DAY,
      done: (state, { userId }) => membersOf(state).includes(userId as string),
    }),
  ],
});

const pipeline = load({
  title: 'Pipeline',
  record: 'pipeline',
  columns: {},
  key: () => PIPELINE,
  on: reference,
  values: () => ({ name: PIPELINE }),
  initial: () => ({ stages: STAGES }),
});

const companies = load({
  title: 'Companies',
  file: 'accounts.csv',
  record: 'company',
  columns: {
    account: required(account),
    sector: optional(text(100), SECTORS),
    year_established: optional(whole(1000, 2999)),
    revenue: optional(amount(DOLLARS, MILLIONS)),
    employees: optional(whole(0, 100_000_000)),
    office_location: optional(text(100)),
    subsidiary_of: optional(account),
  },
  key: (row) => row.account,
  on: reference,
  values: (row) => ({
    name: row.account,
    industry: row.sector,
    foundedYear: row.year_established,
    annualRevenue: row.revenue,
    employeeCount: row.employees,
    addressCountry: row.office_location,
  }),
  later: (row) => ({ parentId: refer('company', row.subsidiary_of, 'subsidiary_of') }),
});

const dealColumns = {
  opportunity_id: required(text(100)),
  sales_agent: required(person),
  product: required(product, PRODUCTS),
  account: optional(account),
  deal_stage: required(oneOf('Prospecting', 'Engaging', 'Won', 'Lost')),
  engage_date: optional(usDay),
  close_date: optional(usDay),
  close_value: optional(amount(DOLLARS)),
};
type DealRow = RowOf<typeof dealColumns>;

const isClosed = ({ deal_stage: stage }: DealRow) => stage === 'Won' || stage === 'Lost';
const openStageOf = (row: DealRow) => (isClosed(row) ? 'Engaging' : row.deal_stage);

const stageNamed = (wanted: string) => (state: PipelineState) =>
  liveStages(stagesOf(state)).find(({ name }) => name === wanted)?.stageId;

/** What the stage of a deal asks of its other cells. */
function dealFault(row: DealRow) {
  const needs = (column: 'engage_date' | 'close_date' | 'close_value') =>
    row[column] === null
      ? {
          column,
          rule: 'stage',
          message: `is empty, but the deal is ${row.deal_stage.toLowerCase()}`,
          remedy: 'Fill it in, or correct the stage.',
        }
      : undefined;
  if (row.deal_stage === 'Prospecting') return undefined;
  const fault =
    needs('engage_date') ??
    (isClosed(row) ? needs('close_date') : undefined) ??
    (row.deal_stage === 'Won' ? needs('close_value') : undefined);
  if (fault || !isClosed(row) || row.close_date! >= row.engage_date!) return fault;
  const message = 'is before the deal began';
  return { column: 'close_date', rule: 'order', message, remedy: 'Correct one of the dates.' };
}

const isOpen = (state: DealState) => (state as LivingDeal).outcome === 'open';

/**
 * The deal is offered at list price. What it was won for is known only on the day it was won, so
 * the past shows the list price until then; a lost deal keeps it: that is what was lost.
 */
function dealSteps(row: DealRow): Step[] {
  const steps = [
    step<DealState>({
      name: 'item',
      command: 'AddLineItem',
      input: { productId: refer('product', row.product, 'product') },
      on: row.engage_date,
      done: (state) => (state as LivingDeal).lineItems.length > 0 || !isOpen(state),
    }),
  ];
  if (!isClosed(row)) return steps;
  const close = { on: row.close_date, done: (state: DealState) => !isOpen(state) };
  if (row.deal_stage === 'Lost') {
    const input = { actualCloseDate: row.close_date, lostReason: 'Not recorded' };
    return [...steps, step<DealState>({ name: 'lose', command: 'LoseDeal', input, ...close })];
  }
  const price = step<DealState>({
    name: 'price',
    command: 'ChangeLineItem',
    input: (state) => ({
      lineId: (state as LivingDeal).lineItems[0]?.lineId,
      unitPrice: row.close_value,
    }),
    on: row.close_date,
    done: (state) => {
      const paid = (state as LivingDeal).lineItems[0]?.unitPrice.amountMinor;
      return paid === row.close_value?.amountMinor || !isOpen(state);
    },
  });
  const input = { actualCloseDate: row.close_date };
  return [...steps, price, step<DealState>({ name: 'win', command: 'WinDeal', input, ...close })];
}

const deals = load({
  title: 'Deals',
  file: 'sales_pipeline.csv',
  record: 'deal',
  columns: dealColumns,
  key: (row) => row.opportunity_id,
  check: dealFault,
  on: (row) => row.engage_date,
  values: (row) => ({
    name: row.account ? `${row.product} – ${row.account}` : row.product,
    companyId: refer('company', row.account, 'account'),
    ownerId: refer('user', row.sales_agent, 'sales_agent'),
    description: `Opportunity ${row.opportunity_id}`,
  }),
  initial: (row) => ({
    pipelineId: refer('pipeline', PIPELINE),
    stageId: partOf('pipeline', PIPELINE, stageNamed(openStageOf(row))),
    ...(row.account ? {} : { tags: ['no company'] }),
  }),
  steps: dealSteps,
});

/** The data set "CRM sales opportunities": accounts, products, sales teams and deals. */
export const crmSalesOpportunities: Recipe = {
  name: 'crm-sales-opportunities',
  title: 'CRM sales opportunities',
  loads: [products, managers, agents, teams, members, pipeline, companies, deals],
};
