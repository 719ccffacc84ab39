import { Component, effect, inject, input, signal, untracked } from '@angular/core';
import { Api, apiError, errorOf, type ApiError, type Envelope } from '../../data/api';
import { Bones } from '../../ui/bones';
import { Failure } from '../../ui/failure';
import { State } from '../../ui/state';
import { When } from '../../ui/when';
import { Names } from '../records/names';
import { deviceText } from './device';

interface Refusal {
  readonly id: string;
  readonly actorId: string;
  readonly recordType: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly at: string;
}
interface Page extends Envelope {
  readonly data?: readonly Refusal[];
  readonly pagination?: { readonly nextCursor: string | null };
}

/** Requests that somebody's role did not allow, the latest first. */
@Component({
  selector: 'cf-refused-access',
  imports: [Bones, Failure, State, When],
  template: `
    @if (error(); as failed) {
      <cf-failure
        [of]="failed"
        title="This could not be read"
        forbidden="This is for administrators"
        (again)="read(person(), null)"
      />
    } @else if (all(); as refused) {
      @if (refused.length === 0) {
        <cf-state
          icon="lock"
          title="Nothing was refused"
          text="Nobody asked for what they may not."
        />
      } @else {
        <ul class="rows" aria-label="Refused access">
          @for (one of refused; track one.id) {
            <li>
              <div>
                <p class="name">{{ holder(one) }} was refused {{ words(one) }}</p>
                <p class="soft">{{ one.ip }} · {{ device(one.userAgent) }}</p>
              </div>
              <span class="soft"><cf-when [at]="one.at" /></span>
            </li>
          }
        </ul>
        @if (next(); as cursor) {
          <button type="button" class="button" (click)="read(person(), cursor)">Show more</button>
        }
      }
    } @else {
      <cf-bones />
    }
  `,
  styleUrl: './security.scss',
})
export class RefusedAccess {
  private readonly api = inject(Api);
  private readonly names = inject(Names);
  readonly person = input<string | null>(null);
  protected readonly device = deviceText;
  protected readonly all = signal<readonly Refusal[] | undefined>(undefined);
  protected readonly next = signal<string | null>(null);
  protected readonly error = signal<ApiError | undefined>(undefined);

  constructor() {
    effect(() => {
      const person = this.person();
      untracked(() => {
        this.all.set(undefined);
        void this.read(person, null);
      });
    });
  }

  protected holder({ actorId }: Refusal): string {
    return this.names.of('users', actorId) ?? 'Somebody';
  }
  protected words({ recordType }: Refusal): string {
    return recordType.replaceAll(/[_:]|(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  }

  protected async read(person: string | null, cursor: string | null): Promise<void> {
    const query = new URLSearchParams({ action: 'refused', limit: '50' });
    if (person) query.set('actorId', person);
    if (cursor) query.set('cursor', cursor);
    try {
      const response = await this.api.send(`/api/v1/timeline/access?${query}`);
      const { data = [], pagination, ...rest } = (await response.json()) as Page;
      if (!response.ok) throw errorOf(response, rest);
      if (person !== this.person()) return;
      this.all.update((before) => [...(cursor ? (before ?? []) : []), ...data]);
      this.next.set(pagination?.nextCursor ?? null);
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
}
