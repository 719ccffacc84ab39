import { Component, input, output, signal } from '@angular/core';
import { Icon } from '../../ui/icon';
import {
  directoryRoles,
  type Connection,
  type ConnectionFields,
  type GroupRole,
} from './directories';

/** Name, usual role and group → role mapping of a directory. */
@Component({
  selector: 'cf-connection-form',
  imports: [Icon],
  templateUrl: './connection-form.html',
  styleUrl: './provisioning.scss',
})
export class ConnectionForm {
  readonly connection = input<Connection>();
  readonly busy = input(false);
  readonly problem = input<string>();
  readonly save = output<ConnectionFields>();
  readonly leave = output();
  protected readonly roles = directoryRoles;
  private readonly changed = signal<readonly GroupRole[] | undefined>(undefined);
  private readonly none: readonly GroupRole[] = [];

  /** The mapping as it is edited. */
  protected readonly mapping = () => this.changed() ?? this.connection()?.groupRoles ?? this.none;

  protected addRow(): void {
    this.changed.set([...this.mapping(), { group: '', role: 'member' }]);
  }
  protected setRow(index: number, change: Partial<GroupRole>): void {
    this.changed.set(
      this.mapping().map((one, place) => (place === index ? { ...one, ...change } : one)),
    );
  }
  protected removeRow(index: number): void {
    this.changed.set(this.mapping().filter((_one, place) => place !== index));
  }
  protected submit(name: string, defaultRole: string): void {
    const groupRoles = this.mapping()
      .map(({ group, role }) => ({ group: group.trim(), role }))
      .filter(({ group }) => group !== '');
    this.save.emit({ name: name.trim(), defaultRole, groupRoles });
  }
}
