import { Component, computed, inject, input, output, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { ProjectionsDocument, type ProjectionsQuery } from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { Bones } from '../../ui/bones';
import { Chip } from '../../ui/chip';
import { countText, numberText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { Failure } from '../../ui/failure';
import type { Tone } from '../../ui/tone';
import { tookText } from './job';
import { refreshQuietly } from './refresh';

type Projection = ProjectionsQuery['projections'][number];

const words: Readonly<
  Record<Projection['status'], { readonly label: string; readonly tone: Tone }>
> = {
  current: { label: 'Current', tone: 'green' },
  behind: { label: 'Catching up', tone: 'amber' },
  parked: { label: 'Some set aside', tone: 'red' },
  stopped: { label: 'Stopped', tone: 'red' },
};

/** A rebuild shows more than what is served meanwhile. */
const rebuilds: Readonly<
  Record<
    NonNullable<Projection['rebuild']>['state'],
    { readonly label: string; readonly tone: Tone }
  >
> = {
  waiting: { label: 'To be rebuilt', tone: 'amber' },
  running: { label: 'Rebuilding', tone: 'amber' },
  stopped: { label: 'Rebuild stopped', tone: 'red' },
  cancelled: { label: 'Rebuild cancelled', tone: 'red' },
};

/** The read models of the workspace: how far behind each is, and what it had to set aside. */
@Component({
  selector: 'cf-projection-list',
  imports: [Bones, Chip, Failure, Icon],
  templateUrl: './projection-list.html',
  styleUrl: './projection-list.scss',
})
export class ProjectionList {
  /** Name of the read model whose dead letters are shown. */
  readonly opened = input.required<string | null>();
  readonly go = output<Readonly<Record<string, string | null>>>();
  private readonly graphql = inject(Graphql);
  private readonly read = signal<readonly Projection[] | undefined>(undefined);
  private readonly failed = signal<ApiError | undefined>(undefined);
  protected readonly all = this.read.asReadonly();
  protected readonly error = computed(() => (this.read() ? undefined : this.failed()));
  protected readonly isStale = computed(() => this.read() !== undefined && !!this.failed());
  protected readonly words = words;
  protected readonly rebuilds = rebuilds;
  protected readonly number = numberText;
  protected readonly sum = computed(() => {
    const all = this.all() ?? [];
    const letters = all.reduce((sum, { deadLetterCount }) => sum + deadLetterCount, 0);
    if (letters > 0) return `${numberText(letters)} events set aside`;
    return all.every(({ status }) => status === 'current') ? 'All current' : '';
  });

  constructor() {
    void this.refresh();
    refreshQuietly(
      () => this.refresh(),
      () => 5,
    );
  }

  protected async refresh(): Promise<void> {
    try {
      this.read.set((await this.graphql.run(ProjectionsDocument, {})).projections);
      this.failed.set(undefined);
    } catch (error) {
      this.failed.set(apiError(error));
    }
  }
  protected title({ name }: Projection): string {
    return name.charAt(0).toUpperCase() + name.slice(1);
  }
  protected lag({ lagEvents, lagCapped }: Projection): string {
    return countText(lagEvents, lagCapped);
  }
  protected percent(share: number): string {
    return share > 0 ? `${Math.floor(share * 100)} %` : '';
  }
  protected late({ lagSeconds }: Projection): string {
    return lagSeconds === 0 ? '–' : tookText(lagSeconds);
  }
}
