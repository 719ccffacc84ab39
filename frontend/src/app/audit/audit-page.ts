import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';
import type { RecordType as RecordName, TimelineFilter } from '../../data/generated/graphql';
import { dayText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { Picker, type Option } from '../../ui/picker';
import { Time } from '../frame/time';
import { Lookup } from '../records/lookup';
import { Names } from '../records/names';
import { recordTypes } from '../records/registry';
import { Session } from '../session/session';
import { TimelineList } from '../timeline/timeline-list';
import { TimelineStore } from '../timeline/timeline-store';
import { actions } from '../timeline/words';
import { ProofPanel } from './proof-panel';

type Question = 'types' | 'actor' | 'actions' | 'period';

/** Everything that happened in the workspace, with filters; all of them are in the address. */
@Component({
  selector: 'cf-audit-page',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, Icon, Picker, ProofPanel, TimelineList],
  providers: [TimelineStore],
  templateUrl: './audit-page.html',
  styleUrl: './audit-page.scss',
})
export class AuditPage {
  private readonly router = inject(Router);
  private readonly names = inject(Names);
  protected readonly time = inject(Time);
  private readonly route = inject(ActivatedRoute);
  private readonly params = toSignal(this.route.queryParamMap, {
    initialValue: this.route.snapshot.queryParamMap,
  });
  protected readonly searchUsers = inject(Lookup).in('users');
  private readonly session = inject(Session);
  protected readonly mayProve = computed(() => this.session.may('audit:read'));
  protected readonly asking = signal<Question | undefined>(undefined);
  protected readonly typeOptions: readonly Option[] = recordTypes.map(({ record, many }) => ({
    value: record,
    label: many[0]!.toUpperCase() + many.slice(1),
  }));
  protected readonly actionOptions: readonly Option[] = actions;
  protected readonly types = computed(() => this.list('types'));
  protected readonly actions = computed(() => this.list('actions'));
  protected readonly actor = computed(() => this.params().get('actor'));
  protected readonly search = computed(() => this.params().get('search') ?? '');
  protected readonly from = computed(() => this.params().get('from') ?? '');
  protected readonly to = computed(() => this.params().get('to') ?? '');
  protected readonly isFiltered = computed(() => Object.keys(this.filter()).length > 0);
  protected readonly actorName = computed(() => {
    const id = this.actor();
    return id && (this.names.of('users', id) ?? '…');
  });
  protected readonly period = computed(() => {
    const [from, to] = [this.from(), this.to()];
    if (from && to) return `${dayText(from)} – ${dayText(to)}`;
    return from ? `since ${dayText(from)}` : to ? `until ${dayText(to)}` : '';
  });
  private readonly filter = computed<TimelineFilter>(() => ({
    ...(this.types().length > 0 ? { recordTypes: this.types() as RecordName[] } : {}),
    ...(this.actions().length > 0 ? { actions: this.actions() } : {}),
    ...(this.actor() ? { actorId: this.actor() } : {}),
    ...(this.search() ? { search: this.search() } : {}),
    ...(this.from() ? { from: this.from() } : {}),
    ...(this.to() ? { to: this.to() } : {}),
  }));
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const store = inject(TimelineStore);
    effect(() => {
      const filter = this.filter();
      this.time.asOf();
      untracked(() => void store.show(filter));
    });
  }

  protected labelOf(options: readonly Option[], chosen: readonly string[]): string {
    const labels = options.filter(({ value }) => chosen.includes(value)).map((one) => one.label);
    return labels.length > 2 ? `${labels[0]} and ${labels.length - 1} more` : labels.join(', ');
  }
  protected toggle(name: 'types' | 'actions', value: string | null): void {
    if (!value) return;
    const all = this.list(name);
    const next = all.includes(value) ? all.filter((one) => one !== value) : [...all, value];
    this.go({ [name]: next.join(',') || null });
  }
  protected setPeriod(from: string, to: string): void {
    this.asking.set(undefined);
    this.go({ from: from || null, to: to || null });
  }
  protected type(text: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.go({ search: text.trim() || null }), 200);
  }
  protected clear(): void {
    this.go({ types: null, actions: null, actor: null, search: null, from: null, to: null });
  }
  protected go(queryParams: Readonly<Record<string, string | null>>): void {
    void this.router.navigate([], { queryParams, queryParamsHandling: 'merge' });
  }
  private list(name: string): readonly string[] {
    return this.params().get(name)?.split(',').filter(Boolean) ?? [];
  }
}
