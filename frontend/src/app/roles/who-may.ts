import { Component, inject, input, linkedSignal, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Api, apiError, type ApiError } from '../../data/api';
import { Chip } from '../../ui/chip';
import { State } from '../../ui/state';
import { Names } from '../records/names';

/** What the server says of one person. */
interface Explanation {
  readonly userId: string;
  readonly allowed: boolean;
  readonly message: string;
  readonly sources: readonly { readonly name: string; readonly scope: string }[];
  readonly teams: readonly { readonly name: string }[];
}

const PAGE = 50;
const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i;

/** Who may do something, with one record or at all, and why, as of any day. */
@Component({
  selector: 'cf-who-may',
  imports: [Chip, RouterLink, State],
  templateUrl: './who-may.html',
  styleUrl: './who-may.scss',
})
export class WhoMay {
  private readonly api = inject(Api);
  private readonly names = inject(Names);
  readonly permissions = input.required<readonly string[]>();
  protected readonly action = linkedSignal(
    () => this.permissions().find((one) => one === 'companies:update') ?? this.permissions()[0],
  );
  protected readonly answers = signal<readonly Explanation[] | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly busy = signal(false);
  protected readonly hasMore = signal(false);
  private asked = new URLSearchParams();

  protected nameOf(userId: string): string {
    return this.names.of('users', userId) ?? '…';
  }
  /** `member (own), Data care (all)`. */
  protected rolesOf({ sources }: Explanation): string {
    return sources.map(({ name, scope }) => `${name} (${scope})`).join(', ');
  }
  protected teamsOf({ teams }: Explanation): string {
    return teams.map(({ name }) => name).join(', ');
  }

  protected ask(action: string, record: string, day: string): void {
    this.asked = new URLSearchParams({ action, limit: String(PAGE) });
    const given = record.trim();
    // The address of a record's page holds its id; anything else is for the server to refuse.
    if (given) this.asked.set('record', UUID.exec(given)?.[0] ?? given);
    if (day) this.asked.set('at', day);
    this.answers.set(undefined);
    void this.more();
  }

  protected async more(): Promise<void> {
    const known = this.answers() ?? [];
    const last = known.at(-1);
    if (last) this.asked.set('cursor', last.userId);
    this.busy.set(true);
    this.error.set(undefined);
    try {
      const path = `/api/v1/access/people?${this.asked}`;
      const found = await this.api.json<readonly Explanation[]>(path);
      this.answers.set([...known, ...found]);
      // Who had not come yet is left out, and those are always the last.
      this.hasMore.set(found.length === PAGE);
    } catch (error) {
      this.error.set(apiError(error));
    } finally {
      this.busy.set(false);
    }
  }
}
