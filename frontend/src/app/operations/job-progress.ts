import { Component, computed, input } from '@angular/core';
import { isActive, progressText, shareOf, type Job } from './job';

/** How far a job is: a bar, and in words how fast it goes and how long it takes. */
@Component({
  selector: 'cf-job-progress',
  template: `
    <div
      class="track"
      role="progressbar"
      aria-valuemin="0"
      aria-valuemax="100"
      [attr.aria-label]="job().title"
      [attr.aria-valuenow]="percent()"
      [attr.aria-valuetext]="text()"
      [class.unknown]="isUnknown()"
    >
      <div class="bar" [style.width.%]="percent() ?? 0" [class.calm]="isCalm()"></div>
    </div>
    <p class="number">
      <span>{{ text() }}</span>
      @if (percent() !== null) {
        <span class="share">{{ percent() }} %</span>
      }
    </p>
  `,
  styles: `
    :host {
      display: grid;
      gap: 6px;
    }
    .track {
      height: 6px;
      overflow: hidden;
      border-radius: 3px;
      background: var(--cf-pressed);
    }
    .bar {
      height: 100%;
      border-radius: 3px;
      background: var(--cf-accent-solid);
      transition: width 600ms linear;
    }
    .calm {
      background: var(--cf-line-strong);
    }
    .unknown .bar {
      width: 30% !important;
      animation: pass 1.6s ease-in-out infinite;
    }
    @keyframes pass {
      from {
        transform: translateX(-100%);
      }
      to {
        transform: translateX(340%);
      }
    }
    p {
      display: flex;
      justify-content: space-between;
      gap: 12px;
      color: var(--cf-text-soft);
      font-size: 0.75rem;
    }
    .share {
      white-space: nowrap;
    }
  `,
})
export class JobProgressBar {
  readonly job = input.required<Job>();
  protected readonly text = computed(() => progressText(this.job()));
  protected readonly isUnknown = computed(
    () => isActive(this.job()) && shareOf(this.job()) === undefined,
  );
  protected readonly isCalm = computed(() => !isActive(this.job()));
  protected readonly percent = computed(() => {
    const share = shareOf(this.job());
    return share === undefined ? null : Math.floor(share * 100);
  });
}
