import type { RecordType } from '../records/record-type';
import { recordTypes } from '../records/registry';

/** Types a file may hold, in the order people think of them. */
const importable: readonly string[] = [
  'contacts',
  'companies',
  'deals',
  'tasks',
  'products',
  'teams',
  'users',
];

export const importTypes: readonly RecordType[] = importable.flatMap(
  (name) => recordTypes.find(({ collection }) => collection === name) ?? [],
);

export function typeOfName(name: string | undefined): RecordType | undefined {
  return importTypes.find(({ collection }) => collection === name);
}

/** Whether a person may import records of a type: it creates, and it changes. */
export function mayImport(
  session: { may(permission: string): boolean },
  collection: string,
): boolean {
  const isKnown = importable.includes(collection);
  return isKnown && session.may(`${collection}:create`) && session.may(`${collection}:update`);
}
