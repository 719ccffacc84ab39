/** Neutral syllables and words; every name of the demo is put together from them. */
const HEADS =
  'Al Bre Cor Dan El Fen Gal Hol In Jor Kel Lum Mar Nor Or Pel Quin Ros Sal Tor Ver Wen Zel';
const TAILS =
  'ado bera cor dane essa fort gen hart ium lane mere nova ora port quist ridge stead vale wick';
const KINDS =
  'Logistics Foods Systems Works Textiles Energy Optics Partners Labs Instruments Trading';
const GIVEN =
  'Alma Bo Cleo Dana Eli Finn Gia Hana Ivo Jona Kai Lena Milo Nora Oskar Pia Remy Sara Timo Una Vera Wim Yara Zoe';

export const words = {
  heads: HEADS.split(' '),
  tails: TAILS.split(' '),
  kinds: KINDS.split(' '),
  given: GIVEN.split(' '),
  industries: ['software', 'retail', 'medical', 'finance', 'manufacturing', 'services'],
  sizes: ['1-10', '11-50', '51-200', '201-500', '500+'],
  cities: [
    ['Graz', 'Austria'],
    ['Porto', 'Portugal'],
    ['Leeds', 'United Kingdom'],
    ['Lyon', 'France'],
    ['Tampere', 'Finland'],
    ['Austin', 'United States'],
    ['Toronto', 'Canada'],
  ],
  titles: ['Head of purchasing', 'Managing director', 'Operations lead', 'IT manager', 'Buyer'],
  departments: ['Purchasing', 'Management', 'Operations', 'IT'],
  sources: ['Website', 'Trade fair', 'Referral', 'Cold call', 'Partner'],
  tags: ['key-account', 'newsletter', 'pilot', 'renewal', 'reseller'],
  losses: ['Price', 'Chose a competitor', 'No budget this year', 'No decision', 'Missing feature'],
  products: [
    ['Starter kit', 'Core', 49_000],
    ['Core platform', 'Core', 480_000],
    ['Core platform, large', 'Core', 1_250_000],
    ['Insight module', 'Modules', 210_000],
    ['Mobile module', 'Modules', 165_000],
    ['Onboarding, two days', 'Services', 240_000],
    ['Premium support, one year', 'Services', 390_000],
  ],
  tasks: [
    ['call', 'Call about the offer'],
    ['email', 'Send the case study'],
    ['meeting', 'Meet on site'],
    ['follow_up', 'Ask how the trial went'],
    ['demo', 'Show the insight module'],
    ['todo', 'Prepare the contract'],
  ],
  notes: [
    'Wants a **second demo** with the operations team.',
    'Budget is decided in the first quarter.',
    'Prefers to be called before ten.',
    'Compares us with two others; price is not the main point.',
    'Asked for references from the same branch.',
  ],
  calls: [
    'Talked through the offer',
    'Left a message',
    'Agreed on next steps',
    'Asked about timing',
  ],
} as const;
