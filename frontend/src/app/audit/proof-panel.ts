import { Component, computed, inject } from '@angular/core';
import { Chip } from '../../ui/chip';
import { numberText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { When } from '../../ui/when';
import { isActive } from '../operations/job';
import { JobProgressBar } from '../operations/job-progress';
import { JobWatch } from '../operations/job-watch';
import { refreshQuietly } from '../operations/refresh';
import { Session } from '../session/session';
import { Withheld } from '../session/withheld';
import { Proof, verificationOf } from './proof';

const SHOWN = 10;

/** Until when the log is sealed, its verification, and the log as a file. */
@Component({
  selector: 'cf-proof-panel',
  imports: [Chip, Icon, JobProgressBar, When, Withheld],
  providers: [Proof, JobWatch],
  templateUrl: './proof-panel.html',
  styleUrl: './proof-panel.scss',
})
export class ProofPanel {
  protected readonly proof = inject(Proof);
  protected readonly watch = inject(JobWatch);
  protected readonly maySave = inject(Session).may('audit:export');
  protected readonly isVerifying = computed(() => {
    const job = this.watch.job();
    return job !== undefined && isActive(job);
  });
  protected readonly result = computed(() => {
    const job = this.watch.job();
    return job && verificationOf(job);
  });
  protected readonly violations = computed(() => this.result()?.violations.slice(0, SHOWN) ?? []);
  protected readonly untold = computed(() => {
    const result = this.result();
    return result ? result.violations.length + result.untold - this.violations().length : 0;
  });
  protected readonly count = numberText;

  constructor() {
    void this.proof.load();
    void this.proof.showLatest();
    refreshQuietly(
      () => this.proof.load(),
      () => 15,
    );
  }
}
