import { Component, computed, inject, input } from '@angular/core';
import { countText, numberText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { tookText, type ImportResult, type Job, type RowProblem } from './job';
import { Jobs } from './jobs';

/** What an import did, or would do: counts, and the rows that were rejected. */
@Component({
  selector: 'cf-import-outcome',
  imports: [Icon],
  templateUrl: './import-outcome.html',
  styleUrl: './import-outcome.scss',
})
export class ImportOutcome {
  readonly job = input.required<Job>();
  readonly result = input.required<ImportResult>();
  protected readonly jobs = inject(Jobs);
  protected readonly count = countText;
  protected readonly counts = computed(() => {
    const { dryRun, created, changed, unchanged, rejected } = this.result();
    const titles = dryRun
      ? ['Will be created', 'Will be changed', 'Stay as they are', 'Will be rejected']
      : ['Created', 'Changed', 'Unchanged', 'Rejected'];
    const values = [created, changed, unchanged, rejected];
    return titles.map((title, index) => ({
      title,
      value: numberText(values[index]!),
      kind: values[index] === 0 ? 'none' : ['good', 'good', 'calm', 'bad'][index]!,
    }));
  });
  protected readonly took = computed(() => {
    const { rows, seconds } = this.result();
    return `${numberText(rows)} ${rows === 1 ? 'row' : 'rows'} in ${tookText(seconds)}`;
  });

  /** The message goes on after the value, as `is no number` does. */
  protected sentence({ message }: RowProblem): string {
    return message.charAt(0).toUpperCase() + message.slice(1);
  }
}
