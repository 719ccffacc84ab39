import type { Fact } from './event.js';
import type { InverseStep, OneStepBack, StepsBack } from './inverse.js';
import type { LifeCommandNames } from './record-commands.js';
import type { LifeData, LifeEventNames, Living } from './record-life.js';

type LifeInverse = OneStepBack<unknown, unknown, Fact> | StepsBack<unknown, unknown, Fact>;

/** What takes back each of the commands every record shares. */
export function recordInverses(
  names: LifeCommandNames,
  events: LifeEventNames,
  fields: readonly string[],
): Readonly<Record<keyof LifeCommandNames, LifeInverse>> {
  const living = (state: unknown) => state as Living<LifeData>;
  const dataOf = (all: readonly Fact[], type: string) =>
    (all.find((event) => event.type === type)?.data ?? {}) as LifeData;
  const tagsBack = (all: readonly Fact[]) => {
    const { added = [], removed = [] } = dataOf(all, events.tagsChanged);
    return { add: removed, remove: added };
  };
  return {
    create: { undoneBy: names.delete },
    change: {
      undoneBy: [names.change, names.changeTags],
      steps({ id, before, events: all }) {
        const { values, ownerId } = living(before);
        const changed = dataOf(all, events.changed);
        const given = fields.filter((name) => name in changed);
        const former = Object.fromEntries(given.map((name) => [name, values[name] ?? null]));
        const owner = all.some(({ type }) => type === events.ownerChanged) ? { ownerId } : {};
        const input = { ...former, ...owner };
        const steps: InverseStep[] = [];
        if (Object.keys(input).length > 0) steps.push({ command: names.change, id, input });
        // Tag by tag: the list as a whole would take away what others have added since.
        if (all.some(({ type }) => type === events.tagsChanged)) {
          steps.push({ command: names.changeTags, id, input: tagsBack(all) });
        }
        return steps;
      },
    },
    changeTags: { undoneBy: names.changeTags, input: ({ events: all }) => tagsBack(all) },
    changeOwner: {
      undoneBy: names.changeOwner,
      input: ({ before }) => ({ ownerId: living(before).ownerId }),
    },
    archive: { undoneBy: names.restore },
    restore: {
      undoneBy: [names.archive, names.delete],
      steps: ({ id, before }) => {
        const command = living(before).status === 'deleted' ? names.delete : names.archive;
        return [{ command, id, input: {} }];
      },
    },
    delete: {
      undoneBy: [names.restore, names.archive],
      steps: ({ id, before }) => {
        const back = [{ command: names.restore, id, input: {} }];
        const archived = living(before).status === 'archived';
        return archived ? [...back, { command: names.archive, id, input: {} }] : back;
      },
    },
  };
}
