import { Component, effect, inject, input, signal, untracked } from '@angular/core';
import { apiError, type ApiError } from '../../../data/api';
import { Bones } from '../../../ui/bones';
import { numberText } from '../../../ui/format';
import { Icon } from '../../../ui/icon';
import type { IconName } from '../../../ui/icons';
import { Markdown } from '../../../ui/markdown';
import { When } from '../../../ui/when';
import { Time } from '../../frame/time';
import { Session } from '../../session/session';
import { Actions } from '../actions';
import { fieldOf, type RecordRow, type RecordType, type Reference } from '../record-type';
import { Records } from '../records';
import { activity } from '../types/activity';
import { ActivityForm } from './activity-form';
import { Composer } from './composer';

const icons: Readonly<Record<string, IconName>> = {
  call: 'phone',
  meeting: 'calendar',
  email: 'mail',
  message: 'note',
};

/** Calls, meetings and messages about a record, the latest first. */
@Component({
  selector: 'cf-activities',
  imports: [ActivityForm, Bones, Composer, Icon, Markdown, When],
  templateUrl: './activities.html',
  styleUrl: './activities.scss',
})
export class Activities {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  protected readonly time = inject(Time);
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();

  protected readonly all = signal<readonly RecordRow[] | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly editing = signal<string | undefined>(undefined);

  constructor() {
    effect((done) => {
      const { id } = this.row();
      this.time.asOf();
      this.records.changed();
      const abort = new AbortController();
      untracked(() => void this.read(id, abort.signal));
      done(() => abort.abort());
    });
  }

  protected mayChange(one: RecordRow): boolean {
    const owner = one['ownerId'] as string | null;
    return !this.time.isPast() && this.session.mayChange('activities', owner);
  }
  protected author(one: RecordRow): string {
    return (one['owner'] as Reference | null)?.label ?? 'Somebody';
  }
  protected icon(one: RecordRow): IconName {
    return icons[String(one['activityType'])] ?? 'history';
  }
  /** `Call · 20 minutes · They reached out · voicemail`. */
  protected facts(one: RecordRow): string {
    const named = (name: string) =>
      fieldOf(activity, name)?.choices?.find(({ value }) => value === one[name])?.label;
    const minutes = one['durationMinutes'] as number | null;
    const length = minutes && `${numberText(minutes)} ${minutes === 1 ? 'minute' : 'minutes'}`;
    const facts = [named('activityType'), length, named('direction'), one['outcome']];
    return facts.filter(Boolean).join(' · ');
  }
  protected delete(one: RecordRow): void {
    void this.actions.delete(activity, one);
  }

  private async read(id: string, signal: AbortSignal): Promise<void> {
    const filter = { relatedToType: { eq: this.type().record }, relatedToId: { eq: id } };
    const sort = [{ field: 'happenedAt', direction: 'desc' }];
    const fields = [...activity.create, 'activityType', 'ownerId'];
    try {
      const page = await this.records.page(activity, fields, { first: 100, filter, sort }, signal);
      this.all.set(page.rows);
      this.error.set(undefined);
    } catch (error) {
      if (!signal.aborted) this.error.set(apiError(error));
    }
  }
}
