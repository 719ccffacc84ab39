import type { Money } from '#kernel/fields';
import type { DemoCompany } from './customers.js';
import { dayOf, type Dice } from './dice.js';
import type { History } from './history.js';
import { dealTags, lostReasons, sources } from './names.js';

export interface DemoDeal {
  readonly id: string;
  readonly company: DemoCompany;
  readonly at: Date;
  /** Nothing for as long as the deal is open. */
  readonly closedAt: Date | undefined;
}
export interface DemoProduct {
  readonly id: string;
  readonly name: string;
  priceAt(day: Date): Money;
}

const DEALS = 200;

/** Deals on their way through the pipeline: moved, won, lost, opened again, or still open. */
export class DealMaker {
  /** Companies that have bought already. */
  private readonly customers = new Set<string>();
  private readonly prospects = new Set<string>();

  constructor(
    private readonly history: History,
    private readonly dice: Dice,
    private readonly people: readonly string[],
    private readonly products: readonly DemoProduct[],
  ) {}

  make(companies: readonly DemoCompany[]): readonly DemoDeal[] {
    const { end } = this.history.setting;
    const drafts = Array.from({ length: DEALS }, (_, n) => {
      const company = this.dice.pick(companies.slice(0, -6));
      return { n, company, at: this.dice.between(company.at, end) };
    });
    // In order of time, so that who becomes a customer first is known.
    return drafts
      .filter(({ at }) => at <= end)
      .sort((a, b) => a.at.getTime() - b.at.getTime() || a.n - b.n)
      .map(({ n, company, at }) => this.deal(`deal ${n}`, company, at));
  }

  private deal(name: string, company: DemoCompany, at: Date): DemoDeal {
    const { history, dice } = this;
    const { pipelineId, stages } = history.setting;
    const id = history.id(name);
    const product = dice.pick(this.products);
    const ownerId = dice.pick(this.people);
    const contact = company.contacts.find((one) => one.at < at);
    const expected = dice.later(at, 30, 120);
    const input = {
      name: `${product.name} for ${company.name}`,
      companyId: company.id,
      ...(contact ? { contactId: contact.id } : {}),
      ownerId,
      pipelineId,
      stageId: stages[0],
      expectedCloseDate: dayOf(expected),
      leadSource: dice.pick(sources),
      tags: dice.chance(0.2) ? [dice.pick(dealTags)] : [],
    };
    history.add(at, 'CreateDeal', id, input, [company.id, contact?.id, ownerId]);
    const lines = this.lines(id, at, product);
    if (!this.prospects.has(company.id)) {
      this.prospects.add(company.id);
      history.add(at, 'ChangeCompany', company.id, { companyStatus: 'prospect' });
    }
    if (dice.chance(0.25)) {
      const change = { nextStep: dice.pick(['Send the offer', 'Agree on a date', 'Ask legal']) };
      history.add(dice.later(at, 1, 6), 'ChangeDeal', id, change);
    }
    return { id, company, at, closedAt: this.travel(id, company, at, lines) };
  }

  private lines(id: string, at: Date, product: DemoProduct): readonly string[] {
    const { history, dice } = this;
    const further = this.products.filter((one) => one !== product);
    const sold = dice.chance(0.4) ? [product, dice.pick(further)] : [product];
    return sold.flatMap((one, n) => {
      const discountPercent = dice.pick([0, 0, 0, 5, 10]);
      const moment = new Date(at.getTime() + (n + 1) * 120_000);
      const quantity = dice.whole(1, 12);
      // Said rather than looked up, so that it does not depend on what is dispatched first.
      const unitPrice = one.priceAt(moment);
      const line = { productId: one.id, quantity, unitPrice, discountPercent };
      const commandId = history.add(moment, 'AddLineItem', id, line, [one.id]);
      return commandId ? [history.part(commandId, 0)] : [];
    });
  }

  /** Through the stages until it is won or lost; answers when, if it came to that. */
  private travel(
    id: string,
    company: DemoCompany,
    from: Date,
    lines: readonly string[],
  ): Date | undefined {
    const { history, dice } = this;
    const { stages, end } = history.setting;
    const stuck = dice.chance(0.06);
    let at = from;
    for (const stageId of stages.slice(1)) {
      at = dice.later(at, 3, 26);
      if (stuck && dice.chance(0.5)) return undefined;
      if (at > end) return undefined;
      if (dice.chance(0.12)) return this.lose(id, at, lines, company);
      history.add(at, 'MoveDealToStage', id, { stageId });
      if (dice.chance(0.06)) {
        const ownerId = dice.pick(this.people);
        const change = dice.later(at, 0, 2);
        history.add(change, 'ChangeDealOwner', id, { ownerId }, [ownerId]);
        at = change;
      }
      if (dice.chance(0.1)) {
        const expectedCloseDate = dayOf(dice.later(at, 30, 90));
        history.add(new Date(at.getTime() + 60_000), 'ChangeDeal', id, { expectedCloseDate });
      }
    }
    at = dice.later(at, 4, 30);
    if (at > end) return undefined;
    return dice.chance(0.62) ? this.win(id, at, lines, company) : this.lose(id, at, lines, company);
  }

  private win(id: string, at: Date, lines: readonly string[], company: DemoCompany): Date {
    const { history, dice } = this;
    if (lines[0] && dice.chance(0.35)) {
      const change = { lineId: lines[0], discountPercent: dice.pick([8, 12, 15]) };
      history.add(new Date(at.getTime() - 240_000), 'ChangeLineItem', id, change);
    }
    history.add(at, 'WinDeal', id, { actualCloseDate: dayOf(at) });
    if (!this.customers.has(company.id)) {
      this.customers.add(company.id);
      const next = new Date(at.getTime() + 600_000);
      history.add(next, 'ChangeCompany', company.id, { companyStatus: 'customer' });
      const contact = company.contacts.find((one) => one.at < at);
      if (contact) history.add(next, 'ChangeContact', contact.id, { lifecycleStage: 'customer' });
    }
    return at;
  }

  private lose(
    id: string,
    at: Date,
    lines: readonly string[],
    company: DemoCompany,
  ): Date | undefined {
    const { history, dice } = this;
    const { end } = history.setting;
    const input = { lostReason: dice.pick(lostReasons), actualCloseDate: dayOf(at) };
    history.add(at, 'LoseDeal', id, input);
    if (!dice.chance(0.1)) return at;
    const again = dice.later(at, 12, 45);
    if (again > end) return at;
    history.add(again, 'ReopenDeal', id);
    const decided = dice.later(again, 8, 40);
    if (decided > end) return undefined;
    return dice.chance(0.6)
      ? this.win(id, decided, lines, company)
      : this.lose(id, decided, lines, company);
  }
}
