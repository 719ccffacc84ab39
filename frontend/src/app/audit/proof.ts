import { Injectable, inject, signal } from '@angular/core';
import { Api, apiError, errorOf, type ApiError, type Envelope } from '../../data/api';
import { Toasts } from '../../ui/toasts';
import type { Job } from '../operations/job';
import { JobWatch } from '../operations/job-watch';
import { Jobs } from '../operations/jobs';

/** What of the log is sealed, and until when. */
export interface SealState {
  readonly seals: number;
  readonly events: number;
  readonly sealedAt: string | null;
  readonly unsealed: number;
  /** Why the workspace is not sealed at present. */
  readonly held: string | null;
}

export interface Violation {
  readonly streamId: string | null;
  readonly version: number | null;
  readonly seal: number | null;
  readonly kind: string;
  readonly message: string;
}

/** What a verification found. */
export interface Verification {
  readonly intact: boolean;
  readonly streams: number;
  readonly events: number;
  readonly seals: number;
  readonly sealed: number;
  readonly unsealed: number;
  readonly violations: readonly Violation[];
  /** Violations beyond those that are named. */
  readonly untold: number;
}

/** The result of a verification; undefined for other work, or while there is none. */
export function verificationOf({ kind, result }: Pick<Job, 'kind' | 'result'>) {
  const isOne = kind === 'audit' && typeof result === 'object' && result !== null;
  return isOne ? (result as Verification) : undefined;
}

/** Reads how far the log is sealed, has it verified, and saves it as a file. */
@Injectable()
export class Proof {
  private readonly api = inject(Api);
  private readonly jobs = inject(Jobs);
  private readonly watch = inject(JobWatch);
  private readonly toasts = inject(Toasts);
  private readonly read = signal<SealState | undefined>(undefined);
  private readonly failed = signal<ApiError | undefined>(undefined);
  private readonly busy = signal(false);
  readonly state = this.read.asReadonly();
  readonly error = this.failed.asReadonly();
  readonly isSaving = this.busy.asReadonly();

  async load(): Promise<void> {
    try {
      this.read.set(await this.api.json<SealState>('/api/v1/audit'));
      this.failed.set(undefined);
    } catch (error) {
      this.failed.set(apiError(error));
    }
  }

  /** Follows the newest verification anybody of the workspace asked for. */
  async showLatest(): Promise<void> {
    try {
      const [latest] = (await this.jobs.page({ kind: 'audit' }, 1)).jobs;
      if (latest && !this.watch.job()) this.watch.follow(latest.id);
    } catch {
      // What is sealed is worth showing without it; the next verification shows itself.
    }
  }

  async verify(): Promise<void> {
    try {
      const { id } = await this.api.json<Pick<Job, 'id'>>('/api/v1/audit/verifications', {
        method: 'POST',
      });
      this.watch.follow(id);
    } catch (error) {
      this.toasts.problem(apiError(error).message);
    }
  }

  async save(): Promise<void> {
    if (this.isSaving()) return;
    this.busy.set(true);
    try {
      const headers = { accept: 'application/x-ndjson' };
      const response = await this.api.send('/api/v1/audit/export', { headers });
      if (!response.ok) {
        throw errorOf(response, (await response.json().catch(() => ({}))) as Envelope);
      }
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await response.blob());
      link.download = 'log.ndjson';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      this.toasts.done('The log was saved as log.ndjson.');
    } catch (error) {
      this.toasts.problem(apiError(error).message);
    } finally {
      this.busy.set(false);
    }
  }
}
