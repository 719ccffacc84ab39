import type { Readable } from 'node:stream';
import type { RequestContext } from '#kernel/context';
import type { Static, TObject } from '#kernel/fields';
import type { Refusal } from '#kernel/refusal';
import type { Platform } from '../platform.js';

export const jobStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** Names a job across all tenants; all that a queue carries. */
export interface JobRef {
  readonly tenantId: string;
  readonly id: string;
}

export interface JobProgress {
  /** Units done so far. */
  readonly done: number;
  /** Units in all; null while nobody knows. */
  readonly total: number | null;
  /** What is counted: `rows`. */
  readonly unit: string;
  /** Units a second at present; null unless the job runs. */
  readonly rate: number | null;
  readonly secondsLeft: number | null;
}

/** Why a job failed, in words for a person. */
export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** A job as the APIs show it; whoever may see it also sees its result. */
export interface Job extends JobRef {
  readonly kind: string;
  readonly title: string;
  readonly status: JobStatus;
  readonly progress: JobProgress;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: JobError | null;
  /** How often it was begun. */
  readonly attempts: number;
  /** User id; null where the product itself began it. */
  readonly createdById: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly cancelRequested: boolean;
}

/** What a running job may know and do. */
export interface JobCall<Input> {
  readonly id: string;
  /** Whoever began the job, with the rights they have now. */
  readonly ctx: RequestContext;
  readonly input: Input;
  /** What was saved last; null at first. */
  readonly checkpoint: unknown;
  /**
   * Stores where the job goes on after a crash; durable once it resolves.
   * @throws JobStopped when the job belongs to another process by now.
   */
  save(
    checkpoint: unknown,
    progress?: { readonly done: number; readonly total?: number | null },
  ): Promise<void>;
  /** Tells how far the job is; written at most twice a second. */
  progress(done: number, total?: number | null): void;
  /** Aborted with a `JobStopped` when the job is cancelled, handed over or lost. */
  readonly signal: AbortSignal;
  readonly platform: Platform;
}

/** Why a running job is asked to stop; thrown by its signal. */
export class JobStopped extends Error {
  constructor(readonly why: 'cancelled' | 'handover' | 'lost') {
    super(`the job was ${why === 'handover' ? 'handed over' : why}`);
  }
}

export type JobResult = Readonly<Record<string, unknown>>;

/** One kind of work that outlives a request. */
export interface JobDefinition<Input extends TObject = TObject> {
  /** Stored with each job and part of the API: never changes. */
  readonly kind: string;
  /** What a person recognises the job by; holds no personal data. */
  title(input: Static<Input>): string;
  /** Stored sealed; a file or record is named by its id. */
  readonly input: Input;
  /** What whoever begins the job, or lets it go on, has to be allowed. */
  readonly permission: string | ((input: Static<Input>) => readonly string[]);
  /** What its progress counts: `rows`. */
  readonly unit: string;
  /**
   * Does the work. Begun again from its checkpoint after a crash, so a step either is harmless
   * when repeated or is saved before the next. A refusal fails the job at once; whatever is thrown
   * is a surprise and tried again, later each time.
   */
  run(call: JobCall<Static<Input>>): Promise<JobResult | Refusal>;
  /** Details of its result as CSV, where it has any. */
  resultFile?(job: JobRef, platform: Platform): Promise<Readable | undefined>;
  /** Deletes what the job keeps elsewhere; called when the job is deleted by age. */
  forget?(job: JobRef, platform: Platform): Promise<void>;
}

/** A definition whose input is no longer known. */
export type AnyJob = Omit<JobDefinition, 'title' | 'permission' | 'run'> & {
  title(input: never): string;
  readonly permission: string | ((input: never) => readonly string[]);
  run(call: JobCall<never>): Promise<JobResult | Refusal>;
};

/** Declares a kind of job; the input's type follows from its schema. */
export function defineJob<Input extends TObject>(definition: JobDefinition<Input>): AnyJob {
  return definition as unknown as AnyJob;
}

/** Permissions a job's input asks for. */
export function permissionsOf({ permission }: AnyJob, input: unknown): readonly string[] {
  return typeof permission === 'string' ? [permission] : permission(input as never);
}
