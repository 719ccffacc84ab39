import { Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../data/api';
import { numberText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { State } from '../../ui/state';
import { Time, TimeTravel } from '../frame/time';
import { importResult, isActive } from '../operations/job';
import { JobWatch } from '../operations/job-watch';
import { Session } from '../session/session';
import { ChooseFile } from './choose-file';
import { FollowImport } from './follow-import';
import type { ImportFile } from './import-file';
import { ImportStore } from './import-store';
import { Imports } from './imports';
import { MapColumns } from './map-columns';
import { mappedFields, requestOf } from './mapping';
import { importTypes, mayImport, typeOfName } from './types';

const steps = ['File', 'Columns', 'Check', 'Import'] as const;

/** Imports a file in four steps; which one, and of what, is in the address. */
@Component({
  selector: 'cf-import-page',
  imports: [ChooseFile, FollowImport, Icon, MapColumns, RouterLink, State],
  providers: [ImportStore, JobWatch],
  templateUrl: './import-page.html',
  styleUrl: './import-page.scss',
})
export class ImportPage {
  /** A collection, the id of an uploaded file, and the jobs that check and import it. */
  readonly type = input<string>();
  readonly file = input<string>();
  readonly check = input<string>();
  readonly run = input<string>();
  protected readonly store = inject(ImportStore);
  protected readonly watch = inject(JobWatch);
  protected readonly time = inject(Time);
  protected readonly travel = inject(TimeTravel);
  private readonly session = inject(Session);
  private readonly imports = inject(Imports);
  private readonly router = inject(Router);
  protected readonly isStarting = signal(false);
  /** Why the server did not begin. */
  protected readonly refused = signal<ApiError | undefined>(undefined);

  protected readonly types = computed(() =>
    importTypes.filter(({ collection }) => mayImport(this.session, collection)),
  );
  protected readonly chosenType = computed(() => {
    const wanted = typeOfName(this.type());
    return (wanted && this.types().includes(wanted) ? wanted : this.types()[0])?.collection ?? '';
  });
  /** An import that was asked for by itself may turn out to be a check once it has ended. */
  protected readonly step = computed(() => {
    const job = this.watch.job();
    if (this.run()) return job && importResult(job)?.dryRun ? 2 : 3;
    if (this.check()) return 2;
    return this.file() ? 1 : 0;
  });
  protected readonly steps = computed(() => {
    const now = this.step();
    const file = this.file();
    return steps.map((title, index) => ({
      title,
      isNow: index === now,
      isDone: index < now,
      // Back to what was decided; an import that has begun is not taken back by a step.
      address:
        index === 1 && now > 1 && file
          ? { file }
          : index === 2 && now === 3 && file && this.check()
            ? { file, check: this.check()! }
            : index === 0 && now > 0
              ? { type: this.typeName() ?? null }
              : undefined,
    }));
  });
  protected readonly result = computed(() => {
    const job = this.watch.job();
    return job && importResult(job);
  });
  private readonly typeName = computed(
    () => this.store.file()?.type ?? this.result()?.type ?? this.type(),
  );
  protected readonly target = computed(() => typeOfName(this.typeName()));
  protected readonly isRunning = computed(() => {
    const job = this.watch.job();
    return job !== undefined && isActive(job);
  });
  protected readonly mapped = computed(() => {
    const [file, draft] = [this.store.file(), this.store.draft()];
    if (!file || !draft) return '';
    return `${mappedFields(draft).size} of ${file.columns.length} columns are imported`;
  });
  /** Rows an import would write after the check. */
  protected readonly toWrite = computed(() => {
    const result = this.result();
    return result ? result.created + result.changed : 0;
  });
  protected readonly rows = (count: number) =>
    `${numberText(count)} ${count === 1 ? 'row' : 'rows'}`;

  constructor() {
    effect(() => {
      const file = this.file();
      untracked(() => this.store.open(file));
    });
    effect(() => {
      const id = this.run() ?? this.check();
      untracked(() => this.watch.follow(id));
    });
    effect(() => {
      // What was refused is asked anew once something about it has changed.
      this.step();
      this.store.draft();
      untracked(() => this.refused.set(undefined));
    });
  }

  protected chooseType(type: string): void {
    void this.router.navigate([], { queryParams: { type }, replaceUrl: true });
  }
  protected taken(file: ImportFile): void {
    this.store.take(file);
    void this.router.navigate([], { queryParams: { file: file.id } });
  }
  protected async start(dryRun: boolean): Promise<void> {
    const [file, draft] = [this.store.file(), this.store.draft()];
    if (!file || !draft || this.isStarting()) return;
    this.isStarting.set(true);
    this.refused.set(undefined);
    try {
      const job = await this.imports.start(file.type, requestOf(file, draft, dryRun));
      const check = dryRun ? job.id : (this.check() ?? null);
      const queryParams = { file: file.id, check, run: dryRun ? null : job.id };
      await this.router.navigate([], { queryParams });
    } catch (error) {
      this.refused.set(apiError(error));
    } finally {
      this.isStarting.set(false);
    }
  }
}
