import { Injectable, computed, effect, inject, signal, untracked } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { PipelinesDocument, type PipelinesQuery } from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { Time } from '../frame/time';
import { Records } from '../records/records';
import { Session } from '../session/session';

export type Pipeline = PipelinesQuery['pipelines']['nodes'][number];
export type Stage = Pipeline['stages'][number];

/** The pipelines with their stages as they were at the chosen instant. */
@Injectable({ providedIn: 'root' })
export class Pipelines {
  private readonly graphql = inject(Graphql);
  private readonly records = inject(Records);
  private readonly time = inject(Time);
  private readonly session = inject(Session);
  private readonly loaded = signal<readonly Pipeline[] | undefined>(undefined);
  private readonly failed = signal<ApiError | undefined>(undefined);
  /** Undefined until they were read. */
  readonly all = this.loaded.asReadonly();
  readonly error = this.failed.asReadonly();
  readonly current = computed(() => this.all()?.filter(({ archivedAt }) => !archivedAt));
  readonly initial = computed(() => {
    const all = this.current() ?? [];
    return all.find(({ isDefault }) => isDefault) ?? all[0];
  });
  private readonly stages = computed(
    () =>
      new Map(this.all()?.flatMap(({ stages }) => stages.map((stage) => [stage.stageId, stage]))),
  );

  constructor() {
    effect(() => {
      const asOf = this.time.asOf();
      const { collection } = this.records.changed();
      const first = untracked(this.all) === undefined;
      if (!this.session.isSignedIn()) return;
      if (first || collection === 'pipelines' || asOf !== this.readFor) void this.read(asOf);
    });
  }
  private readFor: string | null | undefined;

  stage(id: unknown): Stage | undefined {
    return this.stages().get(id as string);
  }
  pipeline(id: unknown): Pipeline | undefined {
    return this.all()?.find((one) => one.id === id);
  }
  reload(): void {
    void this.read(this.time.asOf());
  }

  private async read(asOf: string | null): Promise<void> {
    this.readFor = asOf;
    const variables = { asOf, atLeast: this.records.atLeast, archived: 'include' as const };
    try {
      const { pipelines } = await this.graphql.run(PipelinesDocument, variables);
      this.failed.set(undefined);
      if (this.readFor === asOf) this.loaded.set(pipelines.nodes);
    } catch (error) {
      this.failed.set(apiError(error));
    }
  }
}

/** Stages deals may be in, in order. */
export function liveStages(pipeline: Pipeline | undefined): readonly Stage[] {
  return (pipeline?.stages ?? [])
    .filter(({ removed }) => !removed)
    .toSorted((a, b) => a.position - b.position);
}
