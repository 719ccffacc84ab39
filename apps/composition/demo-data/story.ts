import { hashId } from '#kernel/ids';
import { Dice } from './dice.js';
import { words } from './words.js';

/** One command of the story, at its time. */
export interface Step {
  readonly command: string;
  readonly id: string;
  readonly input: object;
  readonly at: Date;
  /** Who did it: a person of the workspace. */
  readonly by: string;
}
/** The steps of one record, in their order. Chapters follow each other: later ones refer back. */
export type Chapter = readonly (readonly Step[])[];

export interface Stages {
  readonly open: readonly string[];
}
export interface Setting {
  readonly tenantId: string;
  readonly ownerId: string;
  readonly pipelineId: string;
  readonly stages: Stages;
  /** First day and present moment of the story. */
  readonly from: Date;
  readonly to: Date;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const COMPANIES = 40;
const CONTACTS = 120;
const DEALS = 200;
const TASKS = 150;
const NOTES = 110;
const CALLS = 90;
const COLLEAGUES = 6;

/** Two years of a small sales organisation, the same for the same setting. */
export class Story {
  private readonly dice = new Dice(20_240_611);
  private readonly people: string[];
  private readonly companies: { id: string; name: string; at: Date }[] = [];
  private readonly contacts: { id: string; companyId: string; at: Date }[] = [];
  private readonly deals: { id: string; at: Date; ownerId: string }[] = [];

  constructor(private readonly setting: Setting) {
    this.people = [setting.ownerId];
  }

  chapters(): Chapter[] {
    // In this order, because each chapter refers to the records of those before it.
    return [
      this.peopleChapter(),
      this.teamChapter(),
      this.productChapter(),
      this.companyChapter(),
      this.parentChapter(),
      this.contactChapter(),
      this.dealChapter(),
      this.taskChapter(),
      this.noteChapter(),
      this.callChapter(),
      this.asideChapter(),
    ];
  }

  private id(kind: string, n: number): string {
    return hashId('demo', this.setting.tenantId, kind, String(n));
  }
  private name(): string {
    return this.dice.pick(words.heads) + this.dice.pick(words.tails);
  }
  /** An instant of a working day between two others. */
  private moment(from: Date, to: Date = this.setting.to): Date {
    const span = Math.max(to.getTime() - from.getTime(), 0);
    const day = Math.floor((from.getTime() + this.dice.next() * span) / DAY) * DAY;
    const time = day + this.dice.between(7, 16) * HOUR + this.dice.below(60) * 60_000;
    return new Date(Math.min(Math.max(time, from.getTime()), to.getTime()));
  }
  private later(at: Date, least: number, most: number): Date | undefined {
    const next = new Date(at.getTime() + this.dice.between(least, most) * DAY);
    return next < this.setting.to ? this.moment(next, new Date(next.getTime() + HOUR)) : undefined;
  }
  private day(at: Date): string {
    return at.toISOString().slice(0, 10);
  }
  private step(command: string, id: string, input: object, at: Date, by = this.setting.ownerId) {
    return { command, id, input, at, by };
  }

  private peopleChapter(): Chapter {
    return Array.from({ length: COLLEAGUES }, (_, n) => {
      const id = this.id('user', n);
      this.people.push(id);
      const input = {
        firstName: words.given[n * 3]!,
        lastName: this.name(),
        title: n === 0 ? 'Sales lead' : 'Account manager',
        role: n === 0 ? 'manager' : 'member',
        status: 'not_invited',
      };
      return [this.step('CreateUser', id, input, this.setting.from)];
    });
  }

  private teamChapter(): Chapter {
    return ['North', 'South'].map((region, n) => {
      const id = this.id('team', n);
      const at = this.setting.from;
      const members = this.people.slice(1).filter((_, index) => index % 2 === n);
      return [
        this.step(
          'CreateTeam',
          id,
          { name: `Sales ${region}`, region, managerId: this.people[1] },
          at,
        ),
        ...members.map((userId) => this.step('AddTeamMember', id, { userId }, at)),
      ];
    });
  }

  private productChapter(): Chapter {
    return words.products.map(([name, series, price], n) => {
      const id = this.id('product', n);
      const unitPrice = { amountMinor: String(price), currency: 'USD' };
      const code = `DM-${100 + n}`;
      const steps = [
        this.step('CreateProduct', id, { name, series, code, unitPrice }, this.setting.from),
      ];
      const raised = this.later(this.setting.from, 360, 380);
      const higher = { amountMinor: String(Math.round(price * 1.05)), currency: 'USD' };
      if (raised) steps.push(this.step('ChangeProduct', id, { unitPrice: higher }, raised));
      return steps;
    });
  }

  private companyChapter(): Chapter {
    const used = new Set<string>();
    return Array.from({ length: COMPANIES }, (_, n) => {
      let name = '';
      while (!name || used.has(name)) name = `${this.name()} ${this.dice.pick(words.kinds)}`;
      used.add(name);
      const id = this.id('company', n);
      const late = new Date(this.setting.from.getTime() + 500 * DAY);
      const at = this.moment(this.setting.from, late);
      const by = this.dice.pick(this.people);
      const [city, country] = this.dice.pick(words.cities);
      this.companies.push({ id, name, at });
      const steps: Step[] = [
        this.step(
          'CreateCompany',
          id,
          {
            name,
            industry: this.dice.pick(words.industries),
            companySize: this.dice.pick(words.sizes),
            companyStatus: 'prospect',
            website: `https://www.${name.toLowerCase().replaceAll(' ', '-')}.example`,
            employeeCount: this.dice.between(5, 4000),
            annualRevenue: {
              amountMinor: String(this.dice.between(5, 900) * 10_000_000),
              currency: 'USD',
            },
            addressCity: city,
            addressCountry: country,
            ownerId: by,
          },
          at,
          by,
        ),
      ];
      const tagged = this.later(at, 3, 40);
      if (tagged && this.dice.chance(0.5)) {
        steps.push(
          this.step('ChangeCompanyTags', id, { add: [this.dice.pick(words.tags)] }, tagged, by),
        );
      }
      const customer = this.later(at, 60, 200);
      if (customer && this.dice.chance(0.5)) {
        steps.push(this.step('ChangeCompany', id, { companyStatus: 'customer' }, customer, by));
      }
      const given = this.later(at, 200, 300);
      if (given && this.dice.chance(0.25)) {
        steps.push(
          this.step('ChangeCompanyOwner', id, { ownerId: this.dice.pick(this.people) }, given),
        );
      }
      return steps;
    });
  }

  /** A few records are archived, some of those restored, and a few deleted. */
  private asideChapter(): Chapter {
    const aside = (record: string, { id, at }: { id: string; at: Date }, n: number): Step[] => {
      const when = this.later(at, 320, 420);
      if (!when || n % 9 !== 4) return [];
      if (n % 2 === 0) return [this.step(`Delete${record}`, id, {}, when)];
      const back = this.later(when, 5, 30);
      const steps = [this.step(`Archive${record}`, id, {}, when)];
      return back && n % 3 === 0 ? [...steps, this.step(`Restore${record}`, id, {}, back)] : steps;
    };
    return [
      ...this.companies.map((company, n) => aside('Company', company, n)),
      ...this.contacts.map((contact, n) => aside('Contact', contact, n)),
    ];
  }

  private parentChapter(): Chapter {
    return [3, 8, 17, 29].flatMap((n) => {
      const company = this.companies[n]!;
      const at = this.later(company.at, 1, 20);
      const parentId = this.companies[n - 1]!.id;
      if (!at) return [];
      return [[this.step('ChangeCompany', company.id, { parentId }, at)]];
    });
  }

  private contactChapter(): Chapter {
    return Array.from({ length: CONTACTS }, (_, n) => {
      const company = this.companies[n % COMPANIES]!;
      const id = this.id('contact', n);
      const at = this.later(company.at, 0, 60) ?? company.at;
      const by = this.dice.pick(this.people);
      const firstName = this.dice.pick(words.given);
      const lastName = this.name();
      this.contacts.push({ id, companyId: company.id, at });
      const domain = company.name.toLowerCase().replaceAll(' ', '-');
      const steps = [
        this.step(
          'CreateContact',
          id,
          {
            firstName,
            lastName,
            email: `${firstName}.${lastName}.${n}@${domain}.example`.toLowerCase(),
            phone: `+1 555 01${String(n).padStart(2, '0').slice(-2)}`,
            title: this.dice.pick(words.titles),
            department: this.dice.pick(words.departments),
            companyId: company.id,
            leadSource: this.dice.pick(words.sources),
            leadStatus: 'new',
            lifecycleStage: 'lead',
            leadScore: this.dice.between(5, 60),
            ownerId: by,
          },
          at,
          by,
        ),
      ];
      let when: Date | undefined = at;
      for (const [leadStatus, lifecycleStage] of [
        ['contacted', 'mql'],
        ['qualified', 'sql'],
        ['qualified', 'customer'],
      ]) {
        when = when && this.dice.chance(0.7) ? this.later(when, 5, 60) : undefined;
        if (!when) break;
        const leadScore = this.dice.between(30, 95);
        const changes = { leadStatus, lifecycleStage, leadScore };
        steps.push(this.step('ChangeContact', id, changes, when, by));
      }
      return steps;
    });
  }

  private dealChapter(): Chapter {
    return Array.from({ length: DEALS }, (_, n) => {
      const contact = this.dice.pick(this.contacts);
      const company = this.companies.find(({ id }) => id === contact.companyId)!;
      const at = this.moment(contact.at);
      const id = this.id('deal', n);
      const by = this.dice.pick(this.people);
      this.deals.push({ id, at, ownerId: by });
      const product = this.dice.below(words.products.length);
      const input = {
        name: `${company.name}, ${words.products[product]![0]}`,
        companyId: company.id,
        contactId: contact.id,
        pipelineId: this.setting.pipelineId,
        expectedCloseDate: this.day(new Date(at.getTime() + this.dice.between(30, 120) * DAY)),
        leadSource: this.dice.pick(words.sources),
        ownerId: by,
        amount: { amountMinor: String(this.dice.between(5, 400) * 10_000), currency: 'USD' },
      };
      const steps = [this.step('CreateDeal', id, input, at, by)];
      if (this.dice.chance(0.6)) {
        for (let line = this.dice.between(1, 3); line > 0; line--) {
          const item = {
            productId: this.id('product', (product + line) % words.products.length),
            quantity: this.dice.between(1, 5),
            discountPercent: this.dice.pick([0, 0, 5, 10]),
          };
          steps.push(this.step('AddLineItem', id, item, at, by));
        }
      }
      return [...steps, ...this.dealCourse(id, at, by)];
    });
  }

  /** Through the open stages, then won or lost; some come back to life. */
  private dealCourse(id: string, at: Date, by: string): Step[] {
    const steps: Step[] = [];
    let when: Date | undefined = at;
    for (const stageId of this.setting.stages.open.slice(1)) {
      when = this.dice.chance(0.85) ? this.later(when, 4, 25) : when;
      if (!when) return steps;
      steps.push(this.step('MoveDealToStage', id, { stageId }, when, by));
    }
    when = this.later(when, 3, 30);
    if (!when) return steps;
    if (this.dice.chance(0.55))
      return [...steps, this.step('WinDeal', id, this.closing(when), when, by)];
    const lostReason = this.dice.pick(words.losses);
    steps.push(this.step('LoseDeal', id, { lostReason, ...this.closing(when) }, when, by));
    const again = this.later(when, 20, 60);
    if (!again || this.dice.chance(0.8)) return steps;
    steps.push(this.step('ReopenDeal', id, {}, again, by));
    const won = this.later(again, 10, 30);
    return won ? [...steps, this.step('WinDeal', id, this.closing(won), won, by)] : steps;
  }

  private closing(at: Date) {
    return { actualCloseDate: this.day(at) };
  }

  private taskChapter(): Chapter {
    return Array.from({ length: TASKS }, (_, n) => {
      const deal = this.dice.pick(this.deals);
      const at = this.moment(deal.at);
      const due = new Date(at.getTime() + this.dice.between(1, 20) * DAY);
      const [taskType, title] = this.dice.pick(words.tasks);
      const id = this.id('task', n);
      const about = { relatedToType: 'deal', relatedToId: deal.id };
      const priority = this.dice.pick(['low', 'medium', 'medium', 'high']);
      const input = { title, taskType, priority, dueDate: due.toISOString(), ...about };
      const steps = [
        this.step('CreateTask', id, { ...input, ownerId: deal.ownerId }, at, deal.ownerId),
      ];
      const done = this.later(at, 1, 20);
      if (!done) return steps;
      const end = this.dice.chance(0.9) ? 'CompleteTask' : 'CancelTask';
      return [...steps, this.step(end, id, {}, done, deal.ownerId)];
    });
  }

  private noteChapter(): Chapter {
    return Array.from({ length: NOTES }, (_, n) => {
      const contact = this.dice.pick(this.contacts);
      const id = this.id('note', n);
      const at = this.moment(contact.at);
      const about = { relatedToType: 'contact', relatedToId: contact.id };
      const by = this.dice.pick(this.people);
      const content = this.dice.pick(words.notes);
      const steps = [this.step('CreateNote', id, { content, ...about, ownerId: by }, at, by)];
      return n % 10 === 0 ? [...steps, this.step('PinNote', id, {}, at, by)] : steps;
    });
  }

  private callChapter(): Chapter {
    return Array.from({ length: CALLS }, (_, n) => {
      const contact = this.dice.pick(this.contacts);
      const id = this.id('activity', n);
      const at = this.moment(contact.at);
      const by = this.dice.pick(this.people);
      const input = {
        activityType: this.dice.pick(['call', 'call', 'meeting', 'email']),
        subject: this.dice.pick(words.calls),
        happenedAt: at.toISOString(),
        durationMinutes: this.dice.between(2, 60),
        direction: this.dice.pick(['inbound', 'outbound']),
        relatedToType: 'contact',
        relatedToId: contact.id,
        ownerId: by,
      };
      return [this.step('LogActivity', id, input, at, by)];
    });
  }
}
