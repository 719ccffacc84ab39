import { Component, computed, input } from '@angular/core';
import { Icon } from '../../ui/icon';
import { When } from '../../ui/when';
import { diagnose, warningsOf } from './diagnosis';
import type { Attempt, Provider, Setup } from './providers';

/** What the latest attempt came to: who was told about, or what was wrong. */
@Component({
  selector: 'cf-test-result',
  imports: [Icon, When],
  styleUrl: './sso.scss',
  template: `
    @if (attempt().result === 'refused') {
      <div class="notice danger" role="alert">
        <cf-icon name="warn" />
        <div>
          <p>
            <strong>{{ diagnosis().what }}</strong> <cf-when [at]="attempt().at" />
          </p>
          <p>{{ diagnosis().remedy }}</p>
          @if (diagnosis().expected; as expected) {
            <p>
              Expected: <code>{{ expected }}</code>
            </p>
          }
          @if (diagnosis().found; as found) {
            <p>
              Found: <code>{{ found }}</code>
            </p>
          }
        </div>
      </div>
    } @else if (attempt().person; as person) {
      <div class="notice" [class.good]="warnings().length === 0" role="status">
        <cf-icon [name]="warnings().length === 0 ? 'check' : 'warn'" />
        <div>
          <p><strong>The sign-in works.</strong> <cf-when [at]="attempt().at" /></p>
          <p>
            {{ person.firstName ?? '–' }} {{ person.lastName ?? '' }} ·
            {{ person.email ?? 'no e-mail address' }} · role {{ person.role ?? 'of the workspace' }}
          </p>
          <p>Groups: {{ person.groups.length > 0 ? person.groups.join(', ') : 'none sent' }}</p>
          @for (warning of warnings(); track warning) {
            <p>{{ warning }}</p>
          }
        </div>
      </div>
    }
  `,
})
export class TestResult {
  readonly attempt = input.required<Attempt>();
  readonly provider = input.required<Provider>();
  readonly setup = input.required<Setup>();
  protected readonly diagnosis = computed(() =>
    diagnose(this.attempt(), this.provider(), this.setup()),
  );
  protected readonly warnings = computed(() => warningsOf(this.attempt(), this.provider()));
}
