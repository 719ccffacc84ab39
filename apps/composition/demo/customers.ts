import type { Dice } from './dice.js';
import type { History } from './history.js';
import { companyTags, industries, places, plain, positions, sources, type Names } from './names.js';

export interface DemoContact {
  readonly id: string;
  readonly at: Date;
}
export interface DemoCompany {
  readonly id: string;
  readonly name: string;
  readonly at: Date;
  readonly contacts: readonly DemoContact[];
}

const COMPANIES = 40;
const CONTACTS = 3;
const sizes = ['1-10', '11-50', '51-200', '201-500', '500+'] as const;

/** Companies that come one after the other over the first years, each with a few contacts. */
export function makeCompanies(
  history: History,
  dice: Dice,
  names: Names,
  people: readonly string[],
): readonly DemoCompany[] {
  const { start, end } = history.setting;
  const companies: DemoCompany[] = [];
  for (let n = 0; n < COMPANIES; n++) {
    const id = history.id(`company ${n}`);
    const name = names.company();
    // Half of them are there after a quarter of the time.
    const share = (n / COMPANIES) ** 2 * 0.9;
    const first = start.getTime() + share * (end.getTime() - start.getTime());
    const at = dice.later(new Date(first), 5, 9);
    const parent = n > 8 && dice.chance(0.15) ? companies[dice.whole(0, 7)] : undefined;
    const ownerId = dice.pick(people);
    const values = {
      name,
      industry: dice.pick(industries),
      companySize: dice.pick(sizes),
      companyStatus: 'lead',
      website: `https://www.${plain(name)}.example`,
      annualRevenue: { amountMinor: `${dice.whole(8, 900) * 10_000_000}`, currency: 'USD' },
      employeeCount: dice.whole(5, 2500),
      foundedYear: dice.whole(1951, 2021),
      ...dice.pick(places),
    };
    const extra = { ownerId, tags: dice.chance(0.4) ? [dice.pick(companyTags)] : [] };
    const parentId = parent ? { parentId: parent.id } : {};
    history.add(at, 'CreateCompany', id, { ...values, ...extra, ...parentId }, [
      ownerId,
      parent?.id,
    ]);
    companies.push({
      id,
      name,
      at,
      contacts: makeContacts(history, dice, names, { id, name, at, ownerId }),
    });
    if (dice.chance(0.5)) {
      const change = { employeeCount: values.employeeCount + dice.whole(1, 300) };
      history.add(dice.between(at, end), 'ChangeCompany', id, change);
    }
    if (dice.chance(0.3)) {
      history.add(dice.between(at, end), 'ChangeCompanyTags', id, {
        add: [dice.pick(companyTags)],
      });
    }
    if (dice.chance(0.2)) {
      const next = dice.pick(people);
      history.add(dice.between(at, end), 'ChangeCompanyOwner', id, { ownerId: next }, [next]);
    }
  }
  return companies;
}

function makeContacts(
  history: History,
  dice: Dice,
  names: Names,
  company: {
    readonly id: string;
    readonly name: string;
    readonly at: Date;
    readonly ownerId: string;
  },
): readonly DemoContact[] {
  const { end } = history.setting;
  return Array.from({ length: CONTACTS }, (_, n): DemoContact => {
    const id = history.id(`contact ${n} of ${company.id}`);
    const name = names.person();
    const at = dice.later(company.at, n * 10, n * 60 + 3);
    const domain = plain(company.name);
    const values = {
      ...name,
      email: `${plain(name.firstName)}.${plain(name.lastName)}@${domain}.example`,
      phone: `+1 555 01${String(dice.whole(0, 99)).padStart(2, '0')}`,
      title: dice.pick(positions),
      companyId: company.id,
      leadSource: dice.pick(sources),
      leadStatus: 'new',
      lifecycleStage: 'lead',
      leadScore: dice.whole(5, 60),
      ownerId: company.ownerId,
    };
    history.add(at, 'CreateContact', id, values, [company.id, company.ownerId]);
    const contacted = dice.later(at, 2, 20);
    if (dice.chance(0.7)) {
      const change = { leadStatus: 'contacted', lastContactedAt: contacted.toISOString() };
      history.add(contacted, 'ChangeContact', id, change);
    }
    if (dice.chance(0.35)) {
      const change = { leadStatus: 'qualified', leadScore: dice.whole(60, 95) };
      history.add(dice.later(contacted, 5, 40), 'ChangeContact', id, change);
    }
    if (dice.chance(0.08)) {
      const change = { title: dice.pick(positions) };
      history.add(dice.between(contacted, end), 'ChangeContact', id, change);
    }
    return { id, at };
  });
}

/** Some records are put aside once nothing more happens to them; a few come back. */
export function putAside(
  history: History,
  dice: Dice,
  ids: readonly string[],
  record: string,
): void {
  const { end } = history.setting;
  for (const [n, id] of ids.entries()) {
    const last = history.last(id);
    if (!last || last > end) continue;
    const at = dice.later(last, 10, 30);
    if (n % 4 === 3) {
      history.add(at, `Delete${record}`, id);
    } else if (history.add(at, `Archive${record}`, id) && n % 2 === 1) {
      history.add(dice.later(at, 2, 20), `Restore${record}`, id);
    }
  }
}
