import type { Collection, RecordType } from './record-type';
import { activity } from './types/activity';
import { company } from './types/company';
import { contact } from './types/contact';
import { deal } from './types/deal';
import { note } from './types/note';
import { pipeline } from './types/pipeline';
import { product } from './types/product';
import { task } from './types/task';
import { team } from './types/team';
import { user } from './types/user';

/** Every type of record that has a list and a page of its own. */
export const recordTypes: readonly RecordType[] = [
  contact,
  company,
  deal,
  task,
  product,
  team,
  user,
];

const byCollection = new Map(recordTypes.map((type) => [type.collection, type]));
const byRecord = new Map(recordTypes.map((type) => [type.record, type]));
/** Types that are shown on the pages of others. */
const parts: readonly RecordType[] = [activity, note, pipeline];

export function typeOf(collection: Collection): RecordType {
  const type = byCollection.get(collection);
  if (!type) throw new Error(`${collection} has no pages`);
  return type;
}
/** The type of a `company`, as timelines name it; also of what is only shown on other pages. */
export function typeOfRecord(record: string | null | undefined): RecordType | undefined {
  return record ? (byRecord.get(record) ?? parts.find((one) => one.record === record)) : undefined;
}
/** Address of a record's page; undefined for what has none. */
export function linkTo(record: string, id: string): string[] | undefined {
  const type = byRecord.get(record);
  return type && ['/', type.collection, id];
}
