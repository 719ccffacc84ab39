import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, inject, signal } from '@angular/core';
import { MAT_DIALOG_DATA, MatDialogModule, type MatDialog } from '@angular/material/dialog';
import { Api, apiError } from '../../../data/api';
import { Avatar } from '../../../ui/avatar';
import { Chip } from '../../../ui/chip';
import { instantText } from '../../../ui/format';
import { Icon } from '../../../ui/icon';
import { Picker, type Option } from '../../../ui/picker';
import { Session } from '../../session/session';
import { Actions } from '../actions';
import { Lookup } from '../lookup';
import { Names } from '../names';
import {
  ownerOf,
  pascal,
  sharesOf,
  type RecordRow,
  type RecordType,
  type Share,
} from '../record-type';
import { Records, type Answer } from '../records';

interface ShareRequest {
  readonly type: RecordType;
  readonly row: RecordRow;
}

/** Somebody who may read the record, and the sentence why. */
interface Reader {
  readonly userId: string;
  readonly allowed: boolean;
  readonly message: string;
}

const EVERYBODY = 'users:administer';

/** Opens a record to people and teams, says who has access and why, and takes it back. */
@Component({
  selector: 'cf-share-dialog',
  imports: [Avatar, CdkConnectedOverlay, CdkOverlayOrigin, Chip, Icon, MatDialogModule, Picker],
  templateUrl: './share-dialog.html',
  styleUrl: './share-dialog.scss',
})
export class ShareDialog {
  private readonly request = inject<ShareRequest>(MAT_DIALOG_DATA);
  private readonly actions = inject(Actions);
  private readonly records = inject(Records);
  private readonly lookup = inject(Lookup);
  private readonly names = inject(Names);
  private readonly session = inject(Session);
  private readonly api = inject(Api);
  protected readonly type = this.request.type;
  protected readonly row = signal(this.request.row);
  protected readonly isChoosing = signal(false);
  protected readonly chosen = signal<Option | undefined>(undefined);
  protected readonly isBusy = signal(false);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly readers = signal<readonly Reader[] | undefined>(undefined);
  private readonly seen = new Map<string, Option>();

  protected readonly ownerId = computed(() => ownerOf(this.type, this.row()));
  protected readonly mayShare = computed(
    () =>
      !this.row()['archivedAt'] &&
      !this.row()['deletedAt'] &&
      this.session.mayShare(this.type.collection, this.ownerId()),
  );
  protected readonly mayAskAll = this.session.may(EVERYBODY);
  protected readonly shares = computed(() =>
    sharesOf(this.row()).map((share) => ({
      ...share,
      name: this.nameOf(share) ?? '…',
      ends: share.until && instantText(share.until),
      isOver: share.until !== null && Date.parse(share.until) <= Date.now(),
    })),
  );
  protected readonly taken = computed(() => sharesOf(this.row()).map((one) => one.granteeId));

  /** People first, then teams, as far as their names fit. */
  protected readonly search = async (text: string, signal: AbortSignal) => {
    const [people, teams] = await Promise.all([
      this.lookup.in('users')(text, signal),
      this.lookup.in('teams')(text, signal),
    ]);
    const found = [
      ...people.filter(({ value }) => value !== this.ownerId()),
      ...teams.map((team) => ({ ...team, note: 'team' })),
    ];
    for (const option of found) this.seen.set(option.value, option);
    return found;
  };

  protected choose(id: string | null): void {
    this.chosen.set(id ? this.seen.get(id) : undefined);
    this.problem.set(undefined);
  }

  protected async share(form: HTMLFormElement, access: string, until: string): Promise<void> {
    const grantee = this.chosen();
    if (!grantee || this.isBusy()) return;
    const input = {
      granteeId: grantee.value,
      access,
      until: until ? new Date(until).toISOString() : null,
    };
    if (await this.run('share', input, `Shared with ${grantee.label}.`)) {
      this.chosen.set(undefined);
      form.reset();
    }
  }

  protected async takeBack({ granteeId, access, until, name }: Share & { name: string }) {
    await this.run('end', { granteeId }, `No longer shared with ${name}.`, () =>
      this.send('share', { granteeId, access, until }),
    );
  }

  /** Everybody who may read the record, by whatever reason. */
  protected async askAll(): Promise<void> {
    this.isBusy.set(true);
    try {
      const asked = new URLSearchParams({
        action: `${this.type.collection}:read`,
        record: this.row().id,
        limit: '100',
      });
      const all = await this.api.json<readonly Reader[]>(`/api/v1/access/people?${asked}`);
      this.readers.set(all.filter(({ allowed }) => allowed));
    } catch (error) {
      this.problem.set(apiError(error).message);
    } finally {
      this.isBusy.set(false);
    }
  }

  protected personOf(id: string): string {
    return this.names.of('users', id) ?? '…';
  }
  private nameOf({ granteeType, granteeId }: Share): string | undefined {
    return this.names.of(granteeType === 'team' ? 'teams' : 'users', granteeId);
  }

  private send(kind: 'share' | 'end', input: object): Promise<Answer> {
    const record = pascal(this.type.record);
    const command = kind === 'share' ? `share${record}` : `end${record}Sharing`;
    return this.records.run(this.type, command, this.row().id, input);
  }

  private async run(
    kind: 'share' | 'end',
    input: object,
    text: string,
    undo?: () => Promise<Answer>,
  ): Promise<boolean> {
    this.isBusy.set(true);
    this.problem.set(undefined);
    const result = await this.actions.tell(this.send(kind, input), text, undo);
    this.isBusy.set(false);
    if (!result.done) this.problem.set(result.error.message);
    else if (result.record) this.row.set(result.record);
    this.readers.set(undefined);
    return result.done;
  }
}

export function openSharing(dialog: MatDialog, type: RecordType, row: RecordRow): void {
  dialog.open<ShareDialog, ShareRequest>(ShareDialog, {
    data: { type, row },
    width: '560px',
    maxWidth: 'calc(100vw - 24px)',
    autoFocus: 'first-tabbable',
  });
}
