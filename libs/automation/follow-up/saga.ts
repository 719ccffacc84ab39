import { defineSaga } from '#kernel/saga';
import { followupFacts, type FollowupEvent } from '#event-schemas/automation/followup.events';
import { followUp, type FollowUpState } from './follow-up.js';
import { facts, firstRules, type FollowUpTrigger } from './rules.js';
import { settings, type Settings } from './settings.js';

export const dealFollowUp = defineSaga<FollowUpState, FollowupEvent, FollowUpTrigger, Settings>({
  name: 'deal-follow-up',
  description:
    'Gives the owner of a won deal a task after some working days, reminds, tells the manager of ' +
    'the team when it is late, and takes everything back when the deal is reopened.',
  aggregate: followUp,
  ...followupFacts,
  startsAt: 'present',
  on: {
    DealWon: { field: 'dealId' },
    DealReopened: { field: 'dealId' },
    DealDeleted: { field: 'dealId' },
    TaskCompleted: { column: 'relatedToId' },
    TaskCancelled: { column: 'relatedToId' },
    TaskDeleted: { column: 'relatedToId' },
  },
  startedBy: ['DealWon'],
  settings,
  facts,
  react: { 1: firstRules },
});
