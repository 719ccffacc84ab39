import { Injectable, inject } from '@angular/core';
import { Api, ApiError, apiError, errorOf, type Envelope } from '../../data/api';
import {
  CancelJobDocument,
  EraseSubjectDocument,
  JobDocument,
  JobsDocument,
  RetryJobDocument,
  type ErasureReason,
  type JobFieldsFragment,
} from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { Toasts } from '../../ui/toasts';
import type { Job, JobStatus } from './job';

export interface JobFilter {
  readonly status?: JobStatus | null;
  readonly kind?: string | null;
}
export interface JobPage {
  readonly jobs: readonly Job[];
  readonly next: string | null;
}

/** Reads, stops and continues the jobs this person may see. */
@Injectable({ providedIn: 'root' })
export class Jobs {
  private readonly api = inject(Api);
  private readonly graphql = inject(Graphql);
  private readonly toasts = inject(Toasts);

  /** Throws an `ApiError` with status 404 where there is no such job for this person. */
  async get(id: string): Promise<Job> {
    const { job } = await this.graphql.run(JobDocument, { id });
    if (job) return jobOf(job);
    throw new ApiError('NOT_FOUND', 'There is no such job, or it is somebody else’s.', 404);
  }

  async page(filter: JobFilter, first = 20, after: string | null = null): Promise<JobPage> {
    const variables = { status: filter.status ?? null, kind: filter.kind ?? null, first, after };
    const { jobs } = await this.graphql.run(JobsDocument, variables);
    const { hasNextPage, endCursor } = jobs.pageInfo;
    return { jobs: jobs.nodes.map(jobOf), next: hasNextPage ? (endCursor ?? null) : null };
  }

  /** The job as it is asked to stop; undefined, and a message, where it cannot. */
  async cancel(id: string): Promise<Job | undefined> {
    return this.told(async () => (await this.graphql.run(CancelJobDocument, { id })).answer);
  }
  /** The job as it goes on from where it ended. */
  async retry(id: string): Promise<Job | undefined> {
    return this.told(async () => (await this.graphql.run(RetryJobDocument, { id })).answer);
  }

  /** Begins to erase a person for ever: the job, or why it is refused. */
  async erase(
    id: string,
    asked: { readonly reason: ErasureReason; readonly reference: string | null },
  ): Promise<Job | string> {
    const variables = { id, confirm: id, ...asked };
    const { answer } = await this.graphql.run(EraseSubjectDocument, variables);
    return answer.__typename === 'Job' ? jobOf(answer) : answer.message;
  }

  /** Saves the file that names every rejected row. */
  async saveRejected({ id, title }: Pick<Job, 'id' | 'title'>): Promise<void> {
    try {
      const headers = { accept: 'text/csv' };
      const response = await this.api.send(`/api/v1/jobs/${id}/result-file`, { headers });
      if (!response.ok) {
        throw errorOf(response, (await response.json().catch(() => ({}))) as Envelope);
      }
      download(await response.blob(), fileName(title));
    } catch (error) {
      this.toasts.problem(apiError(error).message);
    }
  }

  private async told(work: () => Promise<Answer>): Promise<Job | undefined> {
    try {
      const answer = await work();
      if (answer.__typename === 'Job') return jobOf(answer);
      this.toasts.problem(answer.message);
    } catch (error) {
      this.toasts.problem(apiError(error).message);
    }
    return undefined;
  }
}

type Answer =
  | ({ readonly __typename: 'Job' } & JobFieldsFragment)
  | { readonly __typename: 'Refused'; readonly message: string };

/** Counts come as text, since whole numbers of any size do. */
function jobOf({ progress, ...rest }: JobFieldsFragment): Job {
  const { done, total } = progress;
  return {
    ...rest,
    progress: { ...progress, done: Number(done), total: total === null ? null : Number(total) },
  };
}

function fileName(title: string): string {
  const words = title.toLowerCase().replaceAll(/[^\p{L}\p{N}.]+/gu, '-');
  return `rejected-rows-${words.replaceAll(/^-+|-+$|\.csv$/g, '') || 'import'}.csv`;
}

function download(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
