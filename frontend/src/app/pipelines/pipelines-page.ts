import { Component, computed, inject, input } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { Router, RouterLink } from '@angular/router';
import { Icon } from '../../ui/icon';
import { Failure } from '../../ui/failure';
import { State } from '../../ui/state';
import { Time } from '../frame/time';
import { Actions } from '../records/actions';
import { createRecord } from '../records/record/create-record';
import { fieldOf, type RecordRow } from '../records/record-type';
import { pipeline } from '../records/types/pipeline';
import { Session } from '../session/session';
import { Pipelines, type Pipeline } from './pipelines';
import { StageEditor } from './stage-editor';

/** The pipelines of the workspace and the stages of one of them. */
@Component({
  selector: 'cf-pipelines-page',
  imports: [Icon, RouterLink, StageEditor, Failure, State],
  templateUrl: './pipelines-page.html',
  styleUrls: ['../../ui/beside-list.scss', './pipelines-page.scss'],
})
export class PipelinesPage {
  private readonly session = inject(Session);
  private readonly actions = inject(Actions);
  private readonly router = inject(Router);
  private readonly dialog = inject(MatDialog);
  private readonly time = inject(Time);
  protected readonly pipelines = inject(Pipelines);
  /** Id of the pipeline in the address. */
  readonly pipeline = input<string>();

  protected readonly chosen = computed(
    () => this.pipelines.pipeline(this.pipeline()) ?? this.pipelines.initial(),
  );
  protected readonly mayChange = computed(
    () => !this.time.isPast() && this.session.may('pipelines:update'),
  );
  protected readonly mayCreate = computed(
    () => !this.time.isPast() && this.session.may('pipelines:create'),
  );

  protected async create(): Promise<void> {
    const record = await createRecord(this.dialog, pipeline);
    if (record) void this.router.navigate([], { queryParams: { pipeline: record.id } });
  }
  protected rename(one: Pipeline, name: string): void {
    const text = name.trim();
    if (!text || text === one.name) return;
    void this.actions.change(pipeline, rowOf(one), fieldOf(pipeline, 'name')!, text);
  }
  protected makeDefault(one: Pipeline): void {
    void this.actions.change(pipeline, rowOf(one), fieldOf(pipeline, 'isDefault')!, true);
  }
  protected archive(one: Pipeline): void {
    void this.actions.archive(pipeline, rowOf(one));
  }
  protected restore(one: Pipeline): void {
    void this.actions.restore(pipeline, rowOf(one));
  }
}

function rowOf(one: Pipeline): RecordRow {
  return one;
}
