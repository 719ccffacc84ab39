import { refuseWith, type Refusal } from '#kernel/refusal';

const refuse = refuseWith({
  UNKNOWN_TIME_ZONE: { category: 'rule', message: 'There is no such time zone.' },
  UNKNOWN_LOCALE: { category: 'rule', message: 'There is no such language.' },
  UNKNOWN_CURRENCY: { category: 'rule', message: 'There is no such currency.' },
});

/** Where and how somebody works; what is left out or null is not checked. */
export interface Region {
  readonly timeZone?: string | null;
  readonly locale?: string | null;
  readonly currency?: string | null;
}

/** An IANA name this runtime knows; a bare offset is none, because it has no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length === 1;
  } catch {
    return false;
  }
}

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** The refusal for the first value that names nothing real. */
export function regionProblem({ timeZone, locale, currency }: Region): Refusal | undefined {
  if (timeZone && !isTimeZone(timeZone)) {
    return refuse('UNKNOWN_TIME_ZONE', {
      field: 'timeZone',
      rule: 'iana',
      message: `${timeZone} is no IANA time zone.`,
      remedy: 'Give a name such as Europe/Zurich.',
      value: timeZone,
    });
  }
  if (locale && !isLocale(locale)) {
    return refuse('UNKNOWN_LOCALE', {
      field: 'locale',
      rule: 'bcp47',
      message: `${locale} is no known language tag.`,
      remedy: 'Give a tag such as en-GB.',
      value: locale,
    });
  }
  if (currency && !currencies.has(currency)) {
    return refuse('UNKNOWN_CURRENCY', {
      field: 'currency',
      rule: 'iso4217',
      message: `${currency} is no ISO 4217 currency.`,
      remedy: 'Give a code such as EUR.',
      value: currency,
    });
  }
  return undefined;
}
