import type { Actor } from '#kernel/context';
import { deriveId, hashId } from '#kernel/ids';

/** One command of the generated history. */
export interface Happening {
  readonly at: Date;
  readonly command: string;
  readonly id: string;
  readonly commandId: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  /** Records that must be there before. */
  readonly needs: readonly string[];
}

/** The workspace a history is made for. */
export interface Setting {
  readonly tenantId: string;
  readonly ownerId: string;
  readonly pipelineId: string;
  /** Open stages in order. */
  readonly stages: readonly string[];
  readonly start: Date;
  /** Nothing happens after it. */
  readonly end: Date;
}

/** Collects what happens, record by record; ids and command ids follow from the tenant. */
export class History {
  private readonly list: Happening[] = [];
  private readonly steps = new Map<string, number>();
  private readonly lasts = new Map<string, Date>();

  constructor(readonly setting: Setting) {}

  /** The id of a record by its name in the history. */
  id(name: string): string {
    return hashId('demo', this.setting.tenantId, name);
  }

  /**
   * Adds a command to a record, unless it lies beyond the end. Answers the command's id, by which
   * the parts it creates can be named.
   */
  add(
    at: Date,
    command: string,
    id: string,
    input: Readonly<Record<string, unknown>> = {},
    needs: readonly (string | null | undefined)[] = [],
  ): string | undefined {
    if (at > this.setting.end) return undefined;
    const { tenantId, ownerId } = this.setting;
    const step = (this.steps.get(id) ?? 0) + 1;
    this.steps.set(id, step);
    // People and teams are the product's own preparation; everything else the owner did.
    const prepared = /User|Team/.test(command);
    const actor: Actor = prepared ? { type: 'system', id: 'demo' } : { type: 'user', id: ownerId };
    const commandId = hashId('demo-command', tenantId, id, String(step));
    const known = needs.filter((one) => typeof one === 'string');
    for (const touched of [id, ...known]) {
      const last = this.lasts.get(touched);
      if (!last || last < at) this.lasts.set(touched, at);
    }
    this.list.push({ at, command, id, commandId, input, actor, needs: known });
    return commandId;
  }

  /** The n-th part a command creates, such as a line item. */
  part(commandId: string, n: number): string {
    return deriveId(this.setting.tenantId, commandId, n + 1);
  }

  /** When a record was changed or referred to last. */
  last(id: string): Date | undefined {
    return this.lasts.get(id);
  }

  /** Everything in the order in which it happened. */
  happenings(): readonly Happening[] {
    return this.list
      .map((one, n) => ({ one, n }))
      .sort((a, b) => a.one.at.getTime() - b.one.at.getTime() || a.n - b.n)
      .map(({ one }) => one);
  }
}
