/** Money as the API gives it: whole minor units as text, and a currency code. */
export interface Money {
  readonly amountMinor: string;
  readonly currency: string;
}

/** Where the person is: decides words, grouping and the day. */
export interface Place {
  readonly locale: string;
  readonly timeZone: string;
}

let place: Place = {
  locale: globalThis.navigator?.language ?? 'en',
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};
const formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

/** Set once after sign-in, from the person's settings. */
export function usePlace(next: Partial<Place>): void {
  place = { ...place, ...next };
  formatters.clear();
}
export const currentPlace = (): Place => place;

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${JSON.stringify(options)}`;
  const known = formatters.get(key) as Intl.NumberFormat | undefined;
  const format = known ?? new Intl.NumberFormat(place.locale, options);
  formatters.set(key, format);
  return format;
}
function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `d${JSON.stringify(options)}`;
  const known = formatters.get(key) as Intl.DateTimeFormat | undefined;
  const format =
    known ?? new Intl.DateTimeFormat(place.locale, { timeZone: place.timeZone, ...options });
  formatters.set(key, format);
  return format;
}

/** Digits behind the point of a currency: 2 for USD, 0 for JPY. */
export function currencyDigits(currency: string): number {
  return numberFormat({ style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Minor units as a decimal text without loss: `105400` USD → `1054.00`. */
export function majorText({ amountMinor, currency }: Money): string {
  const digits = currencyDigits(currency);
  const negative = amountMinor.startsWith('-');
  const plain = amountMinor.replace('-', '').padStart(digits + 1, '0');
  const whole = plain.slice(0, plain.length - digits);
  const rest = digits > 0 ? `.${plain.slice(-digits)}` : '';
  return `${negative ? '-' : ''}${whole}${rest}`;
}

/** A typed amount as minor units; undefined when it is none. Takes `1,054.5`, `1 054` and `12k`. */
export function minorUnits(text: string, currency: string): string | undefined {
  const tidy = text.trim().replaceAll(/[\s'’,_]/g, '');
  const parts = /^(-?)(\d{1,15})(?:\.(\d+))?([km]?)$/i.exec(tidy);
  if (!parts) return undefined;
  const [, sign = '', whole = '0', rest = '', unit = ''] = parts;
  const zeros = { k: 3, m: 6 }[unit.toLowerCase()] ?? 0;
  const digits = currencyDigits(currency) + zeros;
  if (rest.length > digits) return undefined;
  const minor = BigInt(whole + rest.padEnd(digits, '0')).toString();
  return minor === '0' ? '0' : sign + minor;
}

export function moneyText(money: Money | null | undefined): string {
  if (!money) return '';
  const { currency } = money;
  const cents = currencyDigits(currency);
  const round = cents === 0 || /^-?\d*?0{2}$/.test(money.amountMinor.padStart(3, '0'));
  const options = {
    style: 'currency',
    currency,
    minimumFractionDigits: round ? 0 : cents,
  } as const;
  return numberFormat(options).format(majorText(money) as unknown as number);
}

/** Money in few characters: `$1.2M`. */
export function shortMoney(money: Money | null | undefined): string {
  if (!money) return '';
  const options = { style: 'currency', currency: money.currency, notation: 'compact' } as const;
  const short = numberFormat({ ...options, maximumFractionDigits: 1, minimumFractionDigits: 0 });
  return short.format(Number(majorText(money)));
}

export function numberText(value: number): string {
  return numberFormat({}).format(value);
}
/** A total that may have stopped counting: `10,000+`. */
export function countText(total: number, capped = false): string {
  return numberText(total) + (capped ? '+' : '');
}

/** A calendar day as it is; days have no zone. */
export function dayText(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  return dateFormat({ dateStyle: 'medium', timeZone: 'UTC' }).format(date);
}
/** A calendar day in few characters: `Mar 1`, or `Mar 2027` where the year is not this one. */
export function shortDayText(day: string, now = new Date()): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  const isThisYear = day.slice(0, 4) === dayOf(now).slice(0, 4);
  const rest = isThisYear ? ({ day: 'numeric' } as const) : ({ year: 'numeric' } as const);
  return dateFormat({ month: 'short', ...rest, timeZone: 'UTC' }).format(date);
}
export function instantText(instant: string | Date): string {
  return dateFormat({ dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}
export function timeText(instant: string | Date): string {
  return dateFormat({ timeStyle: 'short' }).format(new Date(instant));
}
/** The day an instant falls on for this person, as `YYYY-MM-DD`. */
export function dayOf(instant: string | Date): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: place.timeZone });
  return parts.format(new Date(instant));
}

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['minute', 60],
  ['hour', 3_600],
  ['day', 86_400],
];

/** Relative within a week, the day beyond it. */
export function agoText(instant: string | Date, now = new Date()): string {
  const at = new Date(instant);
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 45) return 'just now';
  if (distance > 6.5 * 86_400) return dateFormat({ dateStyle: 'medium' }).format(at);
  const [unit, size] = steps.findLast(([, length]) => distance >= length * 0.95) ?? steps[0]!;
  const words = new Intl.RelativeTimeFormat(place.locale, { numeric: 'auto' });
  return words.format(Math.round(seconds / size), unit);
}
