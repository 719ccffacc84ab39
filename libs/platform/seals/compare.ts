import type { Findings } from './findings.js';
import type { Entry, Seal } from './seal.js';

const keyOf = ({ streamId, version }: Entry) => `${streamId} ${version}`;

/** Says which events differ from what a seal was made of. */
export function compareEntries(
  findings: Findings,
  { number }: Pick<Seal, 'number'>,
  expected: readonly Entry[],
  actual: readonly Entry[],
): void {
  const sealed = new Map(expected.map((entry, index) => [keyOf(entry), { entry, index }]));
  const told = (
    { streamId, version }: Entry,
    kind: 'altered' | 'missing' | 'inserted' | 'reordered',
    message: string,
  ) => findings.add({ streamId, version, seal: number, kind, message });
  for (const entry of actual) {
    const was = sealed.get(keyOf(entry));
    sealed.delete(keyOf(entry));
    if (!was) {
      told(entry, 'inserted', `It was not there at ${entry.place} when seal ${number} was made.`);
    } else if (was.entry.hash !== entry.hash) {
      told(entry, 'altered', `Its hash is not the one in seal ${number}, entry ${was.index + 1}.`);
    } else if (was.entry.place !== entry.place) {
      const places = `at ${was.entry.place}, and stands at ${entry.place} of the feed now`;
      told(entry, 'reordered', `It was sealed ${places} (seal ${number}).`);
    }
  }
  for (const { entry, index } of sealed.values()) {
    const where = `entry ${index + 1} of seal ${number}, at ${entry.place}`;
    told(entry, 'missing', `It was sealed as ${where}, and is not there.`);
  }
}
