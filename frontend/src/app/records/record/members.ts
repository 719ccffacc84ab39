import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Avatar } from '../../../ui/avatar';
import { Icon } from '../../../ui/icon';
import { Picker } from '../../../ui/picker';
import { Time } from '../../frame/time';
import { Session } from '../../session/session';
import { Actions } from '../actions';
import { Lookup } from '../lookup';
import { Names } from '../names';
import type { RecordRow } from '../record-type';
import { Records } from '../records';
import { typeOf } from '../registry';

/** Who is in a team and who leads it. */
@Component({
  selector: 'cf-members',
  imports: [Avatar, CdkConnectedOverlay, CdkOverlayOrigin, Icon, Picker, RouterLink],
  templateUrl: './members.html',
  styleUrl: './members.scss',
})
export class Members {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  private readonly names = inject(Names);
  private readonly session = inject(Session);
  private readonly time = inject(Time);
  protected readonly search = inject(Lookup).in('users');
  readonly row = input.required<RecordRow>();
  protected readonly isAdding = signal(false);
  private readonly type = typeOf('teams');

  protected readonly ids = computed(() => (this.row()['memberIds'] ?? []) as readonly string[]);
  /** Whoever leads need not be a member. */
  protected readonly members = computed(() =>
    [...new Set([this.row()['managerId'] as string | null, ...this.ids()])].flatMap((id) =>
      id ? [this.shown(id)] : [],
    ),
  );
  private readonly shown = (id: string) => ({
    id,
    name: this.names.of('users', id) ?? '…',
    leads: id === this.row()['managerId'],
    isMember: this.ids().includes(id),
  });
  protected readonly mayChange = computed(
    () => !this.time.isPast() && this.session.may('teams:update') && !this.row()['archivedAt'],
  );

  protected add(userId: string | null): void {
    if (!userId) return;
    const undo = () => this.run('removeTeamMember', { userId });
    void this.actions.tell(this.run('addTeamMember', { userId }), 'Member added.', undo);
  }
  protected remove(userId: string): void {
    const undo = () => this.run('addTeamMember', { userId });
    void this.actions.tell(this.run('removeTeamMember', { userId }), 'Member removed.', undo);
  }
  protected lead(managerId: string | null): void {
    const before = (this.row()['managerId'] ?? null) as string | null;
    const undo = () => this.run('changeTeamManager', { managerId: before });
    const text = managerId ? 'The team has a new lead.' : 'Nobody leads the team any more.';
    void this.actions.tell(this.run('changeTeamManager', { managerId }), text, undo);
  }
  private run(command: string, input: object) {
    return this.records.run(this.type, command, this.row().id, input);
  }
}
