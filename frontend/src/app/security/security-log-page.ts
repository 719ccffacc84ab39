import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';
import type { TimelineFilter } from '../../data/generated/graphql';
import { Icon } from '../../ui/icon';
import { Picker } from '../../ui/picker';
import { Lookup } from '../records/lookup';
import { Names } from '../records/names';
import { TimelineList } from '../timeline/timeline-list';
import { TimelineStore } from '../timeline/timeline-store';
import { RefusedAccess } from './refused-access';

interface Kind {
  readonly name: string;
  readonly title: string;
  readonly actions: readonly string[];
}

const kinds: readonly Kind[] = [
  { name: 'sign-ins', title: 'Sign-ins', actions: ['signed_in', 'signed_out', 'sign_in_failed'] },
  { name: 'failures', title: 'Failures', actions: ['sign_in_failed', 'factor_refused'] },
  {
    name: 'factors',
    title: 'Passwords and factors',
    actions: [
      ...['password_changed', 'factor_added', 'factor_removed', 'factors_reset'],
      ...['factor_proved', 'factor_refused', 'recovery_codes_issued'],
    ],
  },
  {
    name: 'keys',
    title: 'API keys',
    actions: ['api_key_made', 'api_key_rotated', 'api_key_revoked'],
  },
];
const REFUSED = 'refused';

/** Who signed in, who failed to, and who was refused what; all filters are in the address. */
@Component({
  selector: 'cf-security-log-page',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, Icon, Picker, RefusedAccess, TimelineList],
  providers: [TimelineStore],
  templateUrl: './security-log-page.html',
  styleUrls: ['../audit/audit-page.scss', './security-log-page.scss'],
})
export class SecurityLogPage {
  private readonly router = inject(Router);
  private readonly names = inject(Names);
  private readonly route = inject(ActivatedRoute);
  private readonly params = toSignal(this.route.queryParamMap, {
    initialValue: this.route.snapshot.queryParamMap,
  });
  protected readonly searchUsers = inject(Lookup).in('users');
  protected readonly isAsking = signal(false);
  protected readonly kinds = [...kinds, { name: REFUSED, title: 'Refused access' }];
  protected readonly kind = computed(() => this.params().get('kind') ?? kinds[0]!.name);
  protected readonly person = computed(() => this.params().get('person'));
  protected readonly isRefused = computed(() => this.kind() === REFUSED);
  protected readonly personName = computed(() => {
    const id = this.person();
    return id && (this.names.of('users', id) ?? '…');
  });
  private readonly filter = computed<TimelineFilter>(() => {
    const { actions } = kinds.find(({ name }) => name === this.kind()) ?? kinds[0]!;
    const person = this.person();
    return {
      actions,
      ...(person ? { recordType: 'user', recordId: person } : { recordTypes: ['user'] }),
    };
  });

  constructor() {
    const store = inject(TimelineStore);
    effect(() => {
      const filter = this.filter();
      if (!this.isRefused()) untracked(() => void store.show(filter));
    });
  }

  protected choose(person: string | null): void {
    this.isAsking.set(false);
    this.go({ person });
  }
  protected go(queryParams: Readonly<Record<string, string | null>>): void {
    void this.router.navigate([], { queryParams, queryParamsHandling: 'merge' });
  }
}
