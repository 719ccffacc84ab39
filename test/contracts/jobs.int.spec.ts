import { describe } from '@jest/globals';
import { jobsContract } from './jobs.contract.js';

describe('the table as the queue of jobs', () => {
  jobsContract(() => Promise.resolve({}));
});
