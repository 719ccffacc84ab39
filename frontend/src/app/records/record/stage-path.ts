import { Component, computed, inject, input, output } from '@angular/core';
import { MatTooltip } from '@angular/material/tooltip';
import { Icon } from '../../../ui/icon';
import { Pipelines, liveStages, type Stage } from '../../pipelines/pipelines';
import type { RecordRow } from '../record-type';

/** The stages of a deal as a path; a click moves the deal. */
@Component({
  selector: 'cf-stage-path',
  imports: [Icon, MatTooltip],
  template: `
    <ol aria-label="Stages">
      @for (stage of stages(); track stage.stageId; let index = $index) {
        <li [class]="stage.kind" [class.past]="index < at()" [class.here]="index === at()">
          <button
            type="button"
            [disabled]="!canMove() || index === at()"
            [attr.aria-current]="index === at() ? 'step' : null"
            [matTooltip]="canMove() && index !== at() ? 'Move to ' + stage.name : ''"
            (click)="move.emit(stage)"
          >
            @if (stage.kind === 'won' && index === at()) {
              <cf-icon name="trophy" [size]="14" />
            }
            <span class="cut">{{ stage.name }}</span>
          </button>
        </li>
      }
    </ol>
  `,
  styleUrl: './stage-path.scss',
})
export class StagePath {
  private readonly pipelines = inject(Pipelines);
  readonly row = input.required<RecordRow>();
  readonly canMove = input(false);
  readonly move = output<Stage>();

  protected readonly stages = computed(() =>
    liveStages(this.pipelines.pipeline(this.row()['pipelineId'])),
  );
  protected readonly at = computed(() =>
    this.stages().findIndex(({ stageId }) => stageId === this.row()['stageId']),
  );
}
