import { processList } from '#kernel/saga';
import { dealFollowUp } from './follow-up/saga.js';

/** Everything the product does by itself after something happened. */
export const automationProcesses = processList(dealFollowUp);
