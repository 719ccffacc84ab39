import type { Dice } from './dice.js';

/** Names of nobody: put together from syllables. */
const starts = [
  'Al',
  'Be',
  'Cor',
  'Da',
  'El',
  'Fa',
  'Ge',
  'Ha',
  'Il',
  'Jo',
  'Ka',
  'Le',
  'Mi',
  'No',
];
const ends = ['ra', 'len', 'vin', 'sa', 'mon', 'dri', 'tta', 'ko', 'nel', 'ris', 'va', 'ston'];
const family = [
  'Ash',
  'Bren',
  'Cald',
  'Dorn',
  'Elm',
  'Fen',
  'Gard',
  'Holt',
  'Ives',
  'Kest',
  'Lind',
];
const familyEnds = [
  'ford',
  'ley',
  'wick',
  'er',
  'ström',
  'by',
  'mann',
  'ell',
  'ridge',
  'ova',
  'inger',
];
const firms = ['Nor', 'Vel', 'Ar', 'Quin', 'Sol', 'Tri', 'Lum', 'Pax', 'Ver', 'Oro', 'Zen', 'Mar'];
const firmEnds = [
  'dane',
  'tara',
  'vexa',
  'lis',
  'mont',
  'bridge',
  'terra',
  'vista',
  'corda',
  'nova',
];
const forms = ['Systems', 'Foods', 'Logistics', 'Labs', 'Partners', 'Works', 'Health', 'Energy'];

export const industries = ['software', 'retail', 'logistics', 'health care', 'energy', 'finance'];
export const places = [
  { addressCity: 'Zurich', addressCountry: 'Switzerland' },
  { addressCity: 'Hamburg', addressCountry: 'Germany' },
  { addressCity: 'Lyon', addressCountry: 'France' },
  { addressCity: 'Leeds', addressCountry: 'United Kingdom' },
  { addressCity: 'Austin', addressCountry: 'United States' },
  { addressCity: 'Toronto', addressCountry: 'Canada' },
];
export const positions = [
  'Head of purchasing',
  'Operations manager',
  'Chief financial officer',
  'IT lead',
  'Managing director',
  'Project manager',
];
export const sources = ['Website', 'Trade fair', 'Referral', 'Partner', 'Cold call', 'Newsletter'];
export const lostReasons = [
  'Price',
  'Chose a competitor',
  'No budget this year',
  'Project was stopped',
  'No answer any more',
];
export const companyTags = ['key account', 'reference', 'newsletter', 'at risk'];
export const dealTags = ['renewal', 'pilot', 'strategic', 'tender'];

export const catalogue = [
  { name: 'Atlas Basic', code: 'AT-100', series: 'Atlas', price: 49_000 },
  { name: 'Atlas Team', code: 'AT-200', series: 'Atlas', price: 129_000 },
  { name: 'Atlas Enterprise', code: 'AT-300', series: 'Atlas', price: 489_000 },
  { name: 'Harbor Connect', code: 'HB-100', series: 'Harbor', price: 75_000 },
  { name: 'Harbor Vault', code: 'HB-200', series: 'Harbor', price: 210_000 },
  { name: 'Onboarding day', code: 'SV-010', series: 'Services', price: 120_000 },
  { name: 'Premium support', code: 'SV-020', series: 'Services', price: 36_000 },
] as const;

export const taskTitles = [
  ['call', 'Call about the offer'],
  ['email', 'Send the product sheet'],
  ['meeting', 'Prepare the kick-off'],
  ['demo', 'Show the reporting module'],
  ['follow_up', 'Follow up on the open questions'],
  ['todo', 'Check the contract terms'],
] as const;
export const noteTexts = [
  'Wants a **second demo** with the finance team.',
  'Decision is due after the board meeting.\n\n- budget approved\n- legal has questions',
  'Uses spreadsheets today; migration is the main worry.',
  'Asked for references in the same branch.',
  'Prefers a two-year term with a discount.',
  'The former contact left; introduced to the successor.',
];
export const activitySubjects = {
  call: ['Talked through the offer', 'Asked about timing', 'Left a message'],
  email: ['Sent the offer', 'Answered questions on security', 'Thanked for the meeting'],
  meeting: ['Demo with the team', 'Negotiated the terms', 'Quarterly review'],
} as const;

export interface PersonName {
  readonly firstName: string;
  readonly lastName: string;
}

/** Different names as long as there are any; afterwards they are numbered. */
export class Names {
  private readonly taken = new Set<string>();

  constructor(private readonly dice: Dice) {}

  person(): PersonName {
    const { dice } = this;
    for (;;) {
      const firstName = dice.pick(starts) + dice.pick(ends);
      const lastName = dice.pick(family) + dice.pick(familyEnds);
      if (this.isNew(`${firstName} ${lastName}`)) return { firstName, lastName };
    }
  }

  company(): string {
    const { dice } = this;
    for (;;) {
      const name = `${dice.pick(firms)}${dice.pick(firmEnds)} ${dice.pick(forms)}`;
      if (this.isNew(name)) return name;
    }
  }

  private isNew(name: string): boolean {
    const before = this.taken.size;
    return this.taken.add(name).size > before;
  }
}

/** Lower case, without accents and spaces, for addresses. */
export function plain(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '');
}
