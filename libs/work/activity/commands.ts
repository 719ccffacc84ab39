import { activityLife } from '#event-schemas/work/activity.events';
import { relatedToId, relatedToType } from '#event-schemas/work/related';
import { commandList } from '#kernel/command';
import { recordCommands } from '#kernel/record-commands';
import { sharingCommands } from '#kernel/record-sharing';
import { missingRelated, relatedFacts } from '../related.js';
import { activity } from './activity.js';

const life = recordCommands(activity, activityLife, {
  collection: 'activities',
  names: {
    create: 'LogActivity',
    change: 'ChangeActivity',
    archive: 'ArchiveActivity',
    restore: 'RestoreActivity',
    delete: 'DeleteActivity',
    changeTags: 'ChangeActivityTags',
    changeOwner: 'ChangeActivityOwner',
  },
  createInput: { relatedToType: relatedToType(), relatedToId: relatedToId() },
  facts: (command) => relatedFacts(command),
  complete: (command, { facts, now }) =>
    missingRelated(command, facts) ?? {
      happenedAt: command['happenedAt'] ?? now.toISOString(),
    },
});

/** Every command a logged activity takes. */
export const activityCommands = commandList(
  ...Object.values(life),
  ...sharingCommands(activity, activityLife, {
    collection: 'activities',
    names: { share: 'ShareActivity', end: 'EndActivitySharing' },
  }),
);
