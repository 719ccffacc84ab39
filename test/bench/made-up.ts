import { companyLife } from '#event-schemas/customers/company.events';
import { contactLife } from '#event-schemas/customers/contact.events';
import { dealLife, dealLost, dealMovedToStage, dealWon } from '#event-schemas/sales/deal.events';
import type { Fact } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { random } from '#test/support/random';
import type { Happening } from './history-writer.js';

export interface Size {
  readonly companies: number;
  readonly contacts: number;
  readonly deals: number;
  /** Later events per contact, on average. */
  readonly changes: number;
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

  constructor(
    readonly size: Size,
    now = Date.now(),
  ) {
    this.next = random(8);
    this.start = now - DAY - YEARS;
    this.people = Array.from({ length: PEOPLE }, () => uuidv7(this.start));
    this.pipelineId = uuidv7(this.start);
    this.stageIds = STAGES.map(() => uuidv7(this.start));
    this.revisions = new Uint16Array(size.contacts).fill(1);
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
    return { streamId, revision, fact, at: new Date(at), actorId: this.pick(this.people) };
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
        yield this.dealChange(n, round, at);
      }
    }
  }

  private company(n: number, at: number): Happening {
    const id = uuidv7(at);
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

  private contact(n: number, at: number): Happening {
    const id = uuidv7(at);
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
    const id = uuidv7(at);
    this.dealIds.push(id);
    const fact = dealLife.fact('created', id, {
      ownerId: this.pick(this.people),
      tags: [],
      name: `${this.pick(words(BRANCH))} for ${this.pick(words(LAST))} ${n}`,
      companyId: this.companyIds[n % this.companyIds.length],
      contactId: this.contactIds[(n * 7) % this.contactIds.length],
      amount: { amountMinor: String(Math.floor(this.next() * 1e7)), currency: 'EUR' },
      expectedCloseDate: new Date(at + 90 * DAY).toISOString().slice(0, 10),
      ...this.stage(0),
    });
    return this.happening('deal', id, 0, fact, at);
  }

  private dealChange(n: number, round: number, at: number): Happening {
    const id = this.dealIds[n]!;
    return this.happening('deal', id, round + 1, this.dealFact(id, round, at), at);
  }

  private dealFact(dealId: string, round: number, at: number): Fact {
    const [from, to] = [this.stage(0), this.stage(1 + Math.floor(this.next() * 3))];
    const chance = this.next();
    if (round === 0 || chance < 0.4) {
      const left = { fromPipelineId: from.pipelineId, fromStageId: from.stageId };
      const data = { dealId, ...to, ...left, fromStageName: from.stageName };
      return { type: dealMovedToStage.type, data };
    }
    const closing = {
      ...{ dealId, pipelineId: to.pipelineId, stageId: to.stageId, fromStageId: from.stageId },
      amount: null,
      actualCloseDate: new Date(at).toISOString().slice(0, 10),
    };
    return chance < 0.75
      ? { type: dealWon.type, data: closing }
      : { type: dealLost.type, data: { ...closing, lostReason: 'Price' } };
  }
}
