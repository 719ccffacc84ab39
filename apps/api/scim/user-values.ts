import type { Row } from '#kernel/read-model';
import type { UserValues } from '#event-schemas/identity/user.events';
import type { DirectoryValues } from '#event-schemas/identity/user-directory.events';
import { isObject, type Json } from './paths.js';
import { invalid } from './problem.js';
import { ENTERPRISE } from './schemas.js';

/** Fields of a person a directory may write. */
type OwnValues = Pick<
  UserValues,
  'firstName' | 'lastName' | 'title' | 'phone' | 'locale' | 'timeZone'
> & { readonly email: string };

/** What a directory wants a person to be. */
export interface WantedUser {
  readonly person: OwnValues;
  readonly directory: DirectoryValues & { readonly userName: string };
  /** Left as it is when undefined. */
  readonly active: boolean | undefined;
}

const isAddress = (text: string) => text.length <= 255 && /^[^\s@<>"]+@[^\s@<>"]+$/.test(text);
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** The name of a person in the directory: their address unless it gave them another. */
export function nameOf(row: Row): string {
  return String(row['userName'] ?? row['email'] ?? row['id']);
}

/** The one value of a list the product keeps: the primary one, else that for work, else the first. */
function kept(resource: Json, name: string): string | undefined {
  const all = ((resource[name] ?? []) as readonly unknown[]).filter(isObject);
  const withValue = all.filter((one) => textOf(one['value']));
  const chosen =
    withValue.find((one) => one['primary'] === true) ??
    withValue.find((one) => one['type'] === 'work') ??
    withValue[0];
  return chosen && textOf(chosen['value']);
}

/** The whole name as the directory wrote it, else given and family name. */
export function writtenName(row: Row): unknown {
  return row['formattedName'] ?? row['fullName'];
}

/** What a directory wrote as the whole name, unless it follows from the parts or is of before. */
function writtenOut(formatted: string | undefined, parts: string, before: Row | undefined) {
  const isOld = formatted === (before && writtenName(before)) && parts !== before?.['fullName'];
  return formatted === undefined || formatted === parts || isOld ? null : formatted;
}

/** Reads a person out of a resource; names that were left out stay as they are. */
export function wantedUser(resource: Json, before?: Row): WantedUser {
  const userName = textOf(resource['userName'])!.trim();
  const email = kept(resource, 'emails') ?? (isAddress(userName) ? userName : undefined);
  if (!email) {
    throw invalid(
      'invalidValue',
      'emails is required: people sign in with an address. Send emails, or an address as userName.',
    );
  }
  if (!isAddress(email)) throw invalid('invalidValue', 'emails.value is no e-mail address.');
  const name = isObject(resource['name']) ? resource['name'] : {};
  const displayName = textOf(resource['displayName']);
  const formatted = textOf(name['formatted']);
  const [first, ...rest] = (formatted ?? displayName ?? '').split(/\s+/).filter(Boolean);
  const [local, domain] = email.split('@') as [string, string];
  const cut = (text: string) => text.slice(0, 100);
  const stays = (field: string) => textOf(before?.[field]);
  const said = isObject(resource[ENTERPRISE]) ? resource[ENTERPRISE] : {};
  const manager = isObject(said['manager']) ? said['manager'] : {};
  const firstName = textOf(name['givenName']) ?? stays('firstName') ?? cut(first ?? local);
  const lastName = textOf(name['familyName']) ?? stays('lastName') ?? cut(rest.join(' ') || domain);
  return {
    person: {
      firstName,
      lastName,
      email,
      title: textOf(resource['title']) ?? null,
      phone: kept(resource, 'phoneNumbers') ?? null,
      locale: textOf(resource['locale']) ?? null,
      timeZone: textOf(resource['timezone']) ?? null,
    },
    directory: {
      userName,
      externalId: textOf(resource['externalId']) ?? null,
      displayName: displayName ?? null,
      formattedName: writtenOut(formatted, `${firstName} ${lastName}`, before),
      employeeNumber: textOf(said['employeeNumber']) ?? null,
      costCenter: textOf(said['costCenter']) ?? null,
      organization: textOf(said['organization']) ?? null,
      division: textOf(said['division']) ?? null,
      department: textOf(said['department']) ?? null,
      managerId: textOf(manager['value'])?.toLowerCase() ?? null,
    },
    active: resource['active'] as boolean | undefined,
  };
}

/** The fields of a person a directory may write, as they are. */
export function ownValues(values: UserValues): Json {
  const { firstName, lastName, email, title, phone, locale, timeZone } = values;
  return { firstName, lastName, email, title, phone, locale, timeZone };
}

/** What is wanted and is not so yet. */
export function differing(before: Json, wanted: object): Json {
  const entries = Object.entries(wanted).filter(
    ([name, value]) => (before[name] ?? null) !== (value ?? null),
  );
  return Object.fromEntries(entries);
}
