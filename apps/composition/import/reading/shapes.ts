import type { Fault } from '../problems.js';
import { faultOf, plainText, type Format } from './format.js';

const words: Readonly<Record<string, readonly [yes: readonly string[], no: readonly string[]]>> = {
  'true/false': [
    ['true', 't'],
    ['false', 'f'],
  ],
  'yes/no': [
    ['yes', 'y'],
    ['no', 'n'],
  ],
  'ja/nein': [
    ['ja', 'j'],
    ['nein', 'n'],
  ],
  'wahr/falsch': [['wahr'], ['falsch']],
  '1/0': [['1'], ['0']],
  'x/empty': [['x', '✓', '✔'], ['']],
};

const booleans = Object.entries(words).map(([name, [yes, no]]): [string, Format] => [
  name,
  {
    kinds: ['boolean'],
    example: yes[0]!,
    read: (text) => {
      const word = text.toLowerCase();
      if (yes.includes(word)) return true;
      if (no.includes(word)) return false;
      const remedy = `Write ${yes[0]} or ${no[0] === '' ? 'leave it empty' : no[0]}.`;
      return faultOf(text, 'boolean', `is not ${name.replace('/', ' or ')}`, remedy);
    },
  },
]);

const EMAIL =
  /^(?![=+\-@])[^\s@<>()[\]",;:\\]{1,64}@(?=.{1,253}$)[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?(?:\.[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?)+$/u;

function emailOf(text: string): string | Fault {
  if (EMAIL.test(text) && !/^\.|\.\.|\.@/.test(text)) return text;
  const remedy = 'Write one address like ada@example.com.';
  return faultOf(text, 'email', 'is no e-mail address', remedy);
}

/** Digits and marks too, but no number to call. */
const DAY = /^(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\s?\d{1,2}[./]\s?\d{4})(?:[ T]|$)/;
const PHONE =
  /^[+＋]?[\d\s().\-/–\u2010\u2011]+(?:\s*(?:,|;)?\s*(?:ext|x|dw|kl|#)\.?\s*:?\s*\d{1,6})?$/i;

function phoneOf(given: string): string | Fault {
  const text = plainText(given);
  const digits = text.replace(/\D/g, '').length;
  const numbered = text.length <= 60 && PHONE.test(text) && digits >= 4 && digits <= 25;
  if (numbered && !DAY.test(text) && !/^[-./–]/.test(text)) return text;
  if (/^\d+(?:[.,]\d+)?e\+?\d+$/i.test(text)) {
    const message = 'is a telephone number that a spreadsheet has shortened';
    return { rule: 'phone', message, remedy: 'Show the column as text, then save as CSV again.' };
  }
  return faultOf(text, 'phone', 'is no telephone number', 'Write it like +43 1 234567.');
}

const URL_SHAPE =
  /^(https?:\/\/)?((?:[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?\.)+\p{L}[\p{L}\d-]*\p{L}|localhost|\[[\da-f:]+\]|\d{1,3}(?:\.\d{1,3}){3})(:\d{1,5})?([/?#][^\s<>"]*)?$/iu;

/** An address of the web; one without a scheme gets `https://`. */
function urlOf(text: string): string | Fault {
  const [all, scheme] = URL_SHAPE.exec(text) ?? [];
  if (all !== undefined) return scheme === undefined ? `https://${text}` : text;
  return faultOf(text, 'url', 'is no web address', 'Write it like https://example.com.');
}

/** Words for yes and no. */
export const wordFormats: Readonly<Record<string, Format>> = Object.fromEntries(booleans);

/** Addresses and telephone numbers. */
export const shapeFormats: Readonly<Record<string, Format>> = {
  email: { kinds: ['email'], example: 'ada@example.com', read: emailOf },
  url: { kinds: ['url'], example: 'https://example.com', read: urlOf },
  phone: { kinds: ['phone'], example: '+43 1 234567', read: phoneOf },
};
