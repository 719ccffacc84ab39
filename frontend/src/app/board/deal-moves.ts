import { Injectable, inject } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';
import { Pipelines, type Stage } from '../pipelines/pipelines';
import { Actions, type Outcome } from '../records/actions';
import { fieldOf, type Field, type RecordRow } from '../records/record-type';
import { Records, type Answer } from '../records/records';
import { typeOf } from '../records/registry';
import type { MoveAnswer, MoveQuestion } from './move-question';

/** Moves deals between stages: asks what the stage asks for, and can be undone. */
@Injectable({ providedIn: 'root' })
export class DealMoves {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  private readonly pipelines = inject(Pipelines);
  private readonly dialog = inject(MatDialog);

  /** Undefined when the person thought better of it. */
  async move(row: RecordRow, stage: Stage): Promise<Outcome | undefined> {
    const type = typeOf('deals');
    const isClosed = row['status'] !== 'open';
    const missing = this.missing(row, stage);
    const answer = await this.ask(row, stage, missing);
    if (!answer) return undefined;
    const from = row['stageId'] as string;
    const work = async () => {
      if (Object.keys(answer.fields).length > 0) {
        const changed = await this.records.change(type, row.id, answer.fields);
        if (!changed.accepted) return changed;
      }
      if (isClosed) {
        const open = stage.kind === 'open' ? { stageId: stage.stageId } : {};
        const reopened = await this.records.run(type, 'reopenDeal', row.id, open);
        if (!reopened.accepted || stage.kind === 'open') return reopened;
      }
      const { lostReason, actualCloseDate } = answer;
      const closing = {
        ...(lostReason ? { lostReason } : {}),
        ...(actualCloseDate ? { actualCloseDate } : {}),
      };
      const input = { stageId: stage.stageId, ...closing };
      return this.records.run(type, 'moveDealToStage', row.id, input);
    };
    return this.actions.tell(work(), said(row, stage), () => this.back(row, from, stage));
  }

  /** Back to the stage before; a deal that was closed gets its day and its reason again. */
  private async back(row: RecordRow, stageId: string, from: Stage): Promise<Answer> {
    const run = (command: string, input: object) =>
      this.records.run(typeOf('deals'), command, row.id, input);
    if (row['status'] === 'open') {
      return run(from.kind === 'open' ? 'moveDealToStage' : 'reopenDeal', { stageId });
    }
    if (from.kind !== 'open') {
      const reopened = await run('reopenDeal', {});
      if (!reopened.accepted) return reopened;
    }
    const facts = ['lostReason', 'actualCloseDate'].filter((name) => (row[name] ?? null) !== null);
    const closing = Object.fromEntries(facts.map((name) => [name, row[name]]));
    return run('moveDealToStage', { stageId, ...closing });
  }

  /** What the stage asks for and the deal lacks. */
  private missing(row: RecordRow, stage: Stage): readonly Field[] {
    return stage.requiredFields
      .filter((name) => (row[name] ?? null) === null)
      .flatMap((name) => fieldOf(typeOf('deals'), name) ?? []);
  }

  private async ask(
    row: RecordRow,
    stage: Stage,
    missing: readonly Field[],
  ): Promise<MoveAnswer | undefined> {
    if (stage.kind === 'open' && missing.length === 0) return { fields: {} };
    const { MoveQuestionDialog } = await import('./move-question');
    const data: MoveQuestion = { row, stage, missing };
    const opened = this.dialog.open<unknown, MoveQuestion, MoveAnswer>(MoveQuestionDialog, {
      data,
      width: '420px',
    });
    return firstValueFrom(opened.afterClosed());
  }

  stageOf(row: RecordRow): Stage | undefined {
    return this.pipelines.stage(row['stageId']);
  }
}

function said({ label }: RecordRow, { kind, name }: Stage): string {
  if (kind === 'won') return `${label} won.`;
  return kind === 'lost' ? `${label} lost.` : `${label} moved to ${name}.`;
}
