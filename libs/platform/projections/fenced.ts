/** The lease, a checkpoint or its fence belongs to someone else now: nothing was written. */
export class Fenced extends Error {}
