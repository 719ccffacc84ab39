import { companyLife } from '#event-schemas/customers/company.events';
import { contactLife } from '#event-schemas/customers/contact.events';
import { dealLife, dealLost, dealMovedToStage, dealWon } from '#event-schemas/sales/deal.events';
import type { Fact } from '#kernel/event';
import { random } from '#test/support/random';
import type { Happening } from './history-writer.js';

export interface Size {
  readonly companies: number;
  readonly contacts: number;
  readonly deals: number;
  /** Later events per contact, on average. */
  readonly changes: number;
}

/** How many events each record has in a log that was written at once. */
export interface Histories {
  readonly company: number;
  readonly contact: number;
  readonly deal: number;
}

const DAY = 86_400_000;
const YEARS = 2 * 365 * DAY;
const PEOPLE = 40;
const STAGES = ['Prospecting', 'Qualified', 'Proposal', 'Negotiation'];
const FIRST =
  'Ada Alan Anna Ben Clara David Elena Emil Fatima Grace Hugo Ines Jan Julia Karim Lena';
const LAST =
  'Adler Bauer Costa Dubois Eriksen Fischer Garcia Haas Ito Jansen Keller Lovelace Moreau Novak';
const CITY =
  'Wien Graz Linz Berlin Hamburg München Köln Zürich Genève Paris Lyon Madrid Porto Roma';
const COUNTRY = 'Austria Germany Switzerland France Spain Portugal Italy';
const BRANCH =
  'software retail finance medical telecom employment marketing entertainment services';
const TITLE = 'Buyer Director Engineer Founder Manager Analyst Assistant Controller';
const SOURCE = 'web referral fair advert partner newsletter';
const words = (text: string): readonly string[] => text.split(' ');

/** A made-up workspace: the same seed makes the same people, companies and deals. */
export class MadeUp {
  readonly companyIds: string[] = [];
  readonly contactIds: string[] = [];
  readonly dealIds: string[] = [];
  readonly people: readonly string[];
  /** When the history begins; it ends the day before it is written. */
  readonly start: number;
  private readonly pipelineId: string;
  private readonly stageIds: readonly string[];
  private readonly next: () => number;
  private readonly revisions: Uint16Array;
  private readonly stages: Uint8Array;

  constructor(
    readonly size: Size,
    now = Date.now(),
    seed = 8,
  ) {
    this.next = random(seed);
    this.start = now - DAY - YEARS;
    this.people = Array.from({ length: PEOPLE }, () => this.id(this.start));
    this.pipelineId = this.id(this.start);
    this.stageIds = STAGES.map(() => this.id(this.start));
    this.revisions = new Uint16Array(size.contacts).fill(1);
    this.stages = new Uint8Array(size.deals);
  }

  /** A UUIDv7 that the same seed makes again. */
  private id(at: number): string {
    const hex = (digits: number) =>
      Math.floor(this.next() * 16 ** digits)
        .toString(16)
        .padStart(digits, '0');
    const time = Math.floor(at).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!;
  }

  private happening(
    record: string,
    id: string,
    revision: number,
    fact: Fact,
    at: number,
  ): Happening {
    const streamId = `${record}-${id}`;
    const facts = [{ fact, at: new Date(at) }];
    return { streamId, revision, facts, actorId: this.pick(this.people) };
  }

  /** Every record's first event, over the two years. */
  *creations(): Generator<Happening> {
    const { companies, contacts, deals } = this.size;
    for (let n = 0; n < companies; n++) {
      const at = this.start + (n / companies) * 0.1 * YEARS;
      yield this.company(n, at);
    }
    for (let n = 0; n < contacts; n++) {
      yield this.contact(n, this.start + (0.1 + (n / contacts) * 0.85) * YEARS);
    }
    for (let n = 0; n < deals; n++) {
      yield this.deal(n, this.start + (0.1 + (n / deals) * 0.85) * YEARS);
    }
  }

  /** Every record with all that ever happened to it, as an import of history brings them. */
  *histories(events: Histories): Generator<Happening> {
    const { companies, contacts, deals } = this.size;
    for (let n = 0; n < companies; n++) {
      const change = (at: number) => this.companyChange(n, at);
      yield this.history(
        0.1 * (n / companies),
        events.company,
        (at) => this.company(n, at),
        change,
      );
    }
    for (let n = 0; n < contacts; n++) {
      const change = (at: number) => this.contactChange(n, at);
      const created = 0.1 + (n / contacts) * 0.85;
      yield this.history(created, events.contact, (at) => this.contact(n, at), change);
    }
    for (let n = 0; n < deals; n++) {
      const change = (at: number, last: boolean) => this.dealChange(n, 0, at, last);
      const created = 0.1 + (n / deals) * 0.85;
      yield this.history(created, events.deal, (at) => this.deal(n, at), change);
    }
  }

  /** The first event at this share of the two years, the others evenly until their end. */
  private history(
    created: number,
    events: number,
    create: (at: number) => Happening,
    change: (at: number, last: boolean) => Happening,
  ): Happening {
    const at = (n: number) => this.start + (created + (n / events) * (1 - created)) * YEARS;
    const first = create(at(0));
    const facts = [...first.facts];
    for (let n = 1; n < events; n++) facts.push(...change(at(n), n === events - 1).facts);
    return { ...first, facts };
  }

  /** What happened to them later: leads are worked, deals move and are decided. */
  *changes(): Generator<Happening> {
    const { contacts, deals, changes } = this.size;
    const rounds = Math.ceil(changes);
    for (let round = 0; round < rounds; round++) {
      const share = Math.min(1, changes - round);
      for (let n = 0; n < contacts; n++) {
        if (this.next() > share) continue;
        const created = 0.1 + (n / contacts) * 0.85;
        const at = this.start + (created + ((round + 1) / (rounds + 1)) * (1 - created)) * YEARS;
        yield this.contactChange(n, at);
      }
      for (let n = 0; n < (round < 2 ? deals : 0); n++) {
        const created = 0.1 + (n / deals) * 0.85;
        const at = this.start + (created + ((round + 1) / 3) * (1 - created)) * YEARS;
        yield this.dealChange(n, round + 1, at, round === 1);
      }
    }
  }

  private company(n: number, at: number): Happening {
    const id = this.id(at);
    this.companyIds.push(id);
    const city = this.pick(words(CITY));
    const fact = companyLife.fact('created', id, {
      ownerId: this.pick(this.people),
      tags: this.next() < 0.2 ? ['key-account'] : [],
      name: `${this.pick(words(LAST))} ${this.pick(words(BRANCH))} ${n}`,
      industry: this.pick(words(BRANCH)),
      companyStatus: this.pick(['lead', 'prospect', 'customer', 'churned']),
      website: `https://company${n}.example`,
      annualRevenue: { amountMinor: String(Math.floor(this.next() * 1e9)), currency: 'EUR' },
      employeeCount: Math.floor(this.next() * 5000),
      addressCity: city,
      addressCountry: this.pick(words(COUNTRY)),
    });
    return this.happening('company', id, 0, fact, at);
  }

  private companyChange(n: number, at: number): Happening {
    const id = this.companyIds[n]!;
    const fact = companyLife.fact('changed', id, {
      employeeCount: Math.floor(this.next() * 5000),
      annualRevenue: { amountMinor: String(Math.floor(this.next() * 1e9)), currency: 'EUR' },
    });
    return this.happening('company', id, 1, fact, at);
  }

  private contact(n: number, at: number): Happening {
    const id = this.id(at);
    this.contactIds.push(id);
    const [firstName, lastName] = [this.pick(words(FIRST)), `${this.pick(words(LAST))}${n % 997}`];
    const fact = contactLife.fact('created', id, {
      ownerId: this.pick(this.people),
      tags: this.next() < 0.1 ? ['newsletter'] : [],
      firstName,
      lastName,
      email: `${firstName}.${lastName}.${n}@mail.example`.toLowerCase(),
      phone: `+43 1 ${String(n).padStart(7, '0')}`,
      title: this.pick(words(TITLE)),
      department: this.pick(words(BRANCH)),
      companyId: this.companyIds[n % this.companyIds.length],
      contactStatus: this.next() < 0.97 ? 'active' : 'bounced',
      leadSource: this.pick(words(SOURCE)),
      leadStatus: 'new',
      lifecycleStage: this.pick(['lead', 'mql', 'sql', 'opportunity', 'customer']),
      leadScore: Math.floor(this.next() * 101),
      addressCity: this.pick(words(CITY)),
      addressCountry: this.pick(words(COUNTRY)),
    });
    return { ...this.happening('contact', id, 0, fact, at), newSubject: id };
  }

  private contactChange(n: number, at: number): Happening {
    const id = this.contactIds[n]!;
    const fact = contactLife.fact('changed', id, {
      leadStatus: this.pick(['contacted', 'qualified', 'unqualified']),
      leadScore: Math.floor(this.next() * 101),
      lastContactedAt: new Date(at).toISOString(),
    });
    return this.happening('contact', id, this.revisions[n]!++, fact, at);
  }

  private stage(n: number) {
    const [stageId, stageName] = [this.stageIds[n]!, STAGES[n]!];
    return { pipelineId: this.pipelineId, stageId, stageName, stageProbability: 20 * (n + 1) };
  }

  private deal(n: number, at: number): Happening {
    const id = this.id(at);
    this.dealIds.push(id);
    const contactId = this.contactIds[(n * 7) % this.contactIds.length];
    const fact = dealLife.fact('created', id, {
      ownerId: this.pick(this.people),
      tags: [],
      name: `${this.pick(words(BRANCH))} for ${this.pick(words(LAST))} ${n}`,
      companyId: this.companyIds[n % this.companyIds.length],
      ...(contactId ? { contactId } : {}),
      amount: { amountMinor: String(Math.floor(this.next() * 1e7)), currency: 'EUR' },
      expectedCloseDate: new Date(at + 90 * DAY).toISOString().slice(0, 10),
      ...this.stage(0),
    });
    return this.happening('deal', id, 0, fact, at);
  }

  private dealChange(n: number, revision: number, at: number, last: boolean): Happening {
    const id = this.dealIds[n]!;
    return this.happening('deal', id, revision, this.dealFact(n, id, at, last), at);
  }

  private dealFact(n: number, dealId: string, at: number, last: boolean): Fact {
    const from = this.stage(this.stages[n]!);
    const chance = this.next();
    if (!last || chance < 0.4) {
      this.stages[n] = 1 + Math.floor(this.next() * 3);
      const left = { fromPipelineId: from.pipelineId, fromStageId: from.stageId };
      const data = {
        dealId,
        ...this.stage(this.stages[n]),
        ...left,
        fromStageName: from.stageName,
      };
      return { type: dealMovedToStage.type, data };
    }
    const closing = {
      ...{ dealId, pipelineId: from.pipelineId, stageId: from.stageId, fromStageId: from.stageId },
      amount: null,
      actualCloseDate: new Date(at).toISOString().slice(0, 10),
    };
    return chance < 0.75
      ? { type: dealWon.type, data: closing }
      : { type: dealLost.type, data: { ...closing, lostReason: 'Price' } };
  }
}
