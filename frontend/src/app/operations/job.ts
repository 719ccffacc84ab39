import { numberText } from '../../ui/format';
import type { Tone } from '../../ui/tone';

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** How far a job is; null where nobody knows yet. */
export interface JobProgress {
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
  readonly rate: number | null;
  readonly secondsLeft: number | null;
}

/** Work that outlives a request. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly status: JobStatus;
  readonly progress: JobProgress;
  readonly result: unknown;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string | null;
  } | null;
  readonly attempts: number;
  readonly createdBy: { readonly id: string; readonly name: string | null } | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly cancelRequested: boolean;
}

/** Why one row of a file cannot be taken. */
export interface RowProblem {
  readonly line: number;
  readonly column: string | null;
  readonly value: string | null;
  readonly rule: string;
  readonly message: string;
  readonly remedy: string;
}

/** What an import did, or a dry run would do. */
export interface ImportResult {
  readonly dryRun: boolean;
  readonly type: string;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly rows: number;
  readonly seconds: number;
  /** The first hundred. */
  readonly problems: readonly RowProblem[];
  readonly problemCount: number;
}

/** What the erasure of a person reached; names nobody. */
export interface ErasureResult {
  readonly reached: readonly { readonly place: string; readonly count: number }[];
  readonly remains: readonly {
    readonly place: string;
    readonly count?: number;
    readonly remedy: string;
  }[];
}

export const statuses: readonly {
  readonly value: JobStatus;
  readonly label: string;
  readonly tone: Tone;
}[] = [
  { value: 'queued', label: 'Waiting', tone: 'gray' },
  { value: 'running', label: 'Running', tone: 'blue' },
  { value: 'succeeded', label: 'Done', tone: 'green' },
  { value: 'failed', label: 'Failed', tone: 'red' },
  { value: 'cancelled', label: 'Cancelled', tone: 'amber' },
];

export const statusOf = ({ status }: Pick<Job, 'status'>) =>
  statuses.find(({ value }) => value === status) ?? statuses[0]!;

/** Who asked for a job: a person, or the product itself. */
export const byOf = ({ createdBy }: Pick<Job, 'createdBy'>) =>
  createdBy ? (createdBy.name ?? 'Somebody') : 'The product';

export const isActive = ({ status }: Pick<Job, 'status'>) =>
  status === 'queued' || status === 'running';

/** Whether a job ended before its work was done, and can go on from there. */
export const canRetry = ({ status }: Pick<Job, 'status'>) =>
  status === 'failed' || status === 'cancelled';

type Ended = Pick<Job, 'kind' | 'result'>;

function resultOf<T>(kind: string, job: Ended): T | undefined {
  const isOne = job.kind === kind && typeof job.result === 'object' && job.result !== null;
  return isOne ? (job.result as T) : undefined;
}

/** The result of an import; undefined for other work, or while there is none. */
export const importResult = (job: Ended) => resultOf<ImportResult>('import', job);

/** The report of an erasure; undefined for other work, or while there is none. */
export const erasureResult = (job: Ended) => resultOf<ErasureResult>('erasure', job);

/** Part of the work that is done, from 0 to 1; undefined while nobody knows. */
export function shareOf({ status, progress: { done, total } }: Pick<Job, 'status' | 'progress'>) {
  if (status === 'succeeded') return 1;
  return total === null || total <= 0 ? undefined : Math.min(1, done / total);
}

/** `about 2 minutes`: seconds in words that do not pretend to be exact. */
export function aboutText(seconds: number): string {
  if (seconds < 10) return 'a few seconds';
  if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} seconds`;
  if (seconds < 5_400) return `about ${Math.round(seconds / 60)} minutes`;
  return `about ${Math.round(seconds / 3_600)} hours`;
}

/** How long something took: `0.8 s`, `42 s`, `3 min 5 s`. */
export function tookText(seconds: number): string {
  if (seconds < 10) return `${Math.max(0.1, Math.round(seconds * 10) / 10)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** `1,200 of 8,800 rows · 1,650 a second · about 5 seconds left`. */
export function progressText(job: Pick<Job, 'status' | 'progress' | 'cancelRequested'>): string {
  const { done, total, unit, rate, secondsLeft } = job.progress;
  if (job.status === 'queued' && done === 0) return 'Waiting for its turn…';
  const counted = total === null ? numberText(done) : `${numberText(done)} of ${numberText(total)}`;
  if (job.cancelRequested) return `${counted} ${unit} · stopping…`;
  return [
    `${counted} ${unit}`,
    rate !== null && rate > 0 ? `${numberText(Math.round(rate))} a second` : undefined,
    secondsLeft === null ? undefined : `${aboutText(secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join(' · ');
}
