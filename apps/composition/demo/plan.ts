import { makeCompanies, putAside } from './customers.js';
import { DealMaker, type DemoProduct } from './deals.js';
import { Dice } from './dice.js';
import { History, type Happening, type Setting } from './history.js';
import { catalogue, Names } from './names.js';
import { WorkMaker } from './work.js';

const COLLEAGUES = [
  { title: 'Sales manager', role: 'manager' },
  { title: 'Account executive', role: 'member' },
  { title: 'Account executive', role: 'member' },
  { title: 'Sales development', role: 'member' },
  { title: 'Customer success', role: 'member' },
] as const;

/** Colleagues who were not invited yet, in a team of their own. */
function makePeople(history: History, dice: Dice, names: Names): readonly string[] {
  const { start } = history.setting;
  const ids = COLLEAGUES.map((colleague, n) => {
    const id = history.id(`user ${n}`);
    const input = { ...names.person(), ...colleague, status: 'not_invited' };
    history.add(dice.later(start, 0, 1), 'CreateUser', id, input);
    return id;
  });
  const team = history.id('team');
  const at = dice.later(start, 4, 5);
  const input = { name: 'Sales', region: 'Worldwide', managerId: ids[0] };
  history.add(at, 'CreateTeam', team, input, [ids[0]]);
  for (const [n, userId] of ids.entries()) {
    history.add(new Date(at.getTime() + n * 60_000), 'AddTeamMember', team, { userId }, [userId]);
  }
  return ids;
}

/** What is sold; half of it becomes dearer in the second year. */
function makeProducts(history: History, dice: Dice): readonly DemoProduct[] {
  const { start, end } = history.setting;
  const half = new Date((start.getTime() + end.getTime()) / 2);
  return catalogue.map(({ name, code, series, price }, n): DemoProduct => {
    const id = history.id(`product ${n}`);
    const before = { amountMinor: String(price), currency: 'USD' };
    const input = { name, code, series, unitPrice: before };
    history.add(dice.later(start, 0, 1), 'CreateProduct', id, input);
    if (dice.chance(0.5)) return { id, name, priceAt: () => before };
    const raised = Math.round((price * 1.06) / 100) * 100;
    const after = { amountMinor: String(raised), currency: 'USD' };
    const at = dice.between(half, end);
    history.add(at, 'ChangeProduct', id, { unitPrice: after });
    return { id, name, priceAt: (day) => (day < at ? before : after) };
  });
}

/** Two years of a small sales team, the same for the same workspace, time and seed. */
export function planHistory(setting: Setting, seed: number): readonly Happening[] {
  const dice = new Dice(seed);
  const history = new History(setting);
  const names = new Names(dice);
  const colleagues = makePeople(history, dice, names);
  const people = [setting.ownerId, ...colleagues];
  const products = makeProducts(history, dice);
  const companies = makeCompanies(history, dice, names, people);
  const deals = new DealMaker(history, dice, people, products).make(companies);
  // The last companies have no deals, so that some can be put aside.
  const active = companies.slice(0, -6);
  new WorkMaker(history, dice, people, active, deals).make();
  const idle = companies.slice(-6).map(({ id }) => id);
  putAside(history, dice, idle, 'Company');
  const closed = deals.filter(({ closedAt }) => closedAt !== undefined);
  const old = closed.filter((_, n) => n % 20 === 0).map(({ id }) => id);
  putAside(history, dice, old, 'Deal');
  return history.happenings();
}
