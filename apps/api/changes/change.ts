import type { Actor } from '#kernel/context';

/** A record changed: enough to decide whether to read it again, and nothing it says. */
export interface Change {
  readonly tenantId: string;
  /** Type of the record. */
  readonly type: string;
  readonly id: string;
  readonly action: string;
  /** Name of the event. */
  readonly event: string;
  readonly revision: number;
  readonly position: string;
  readonly occurredAt: string;
  readonly actor: Actor;
}
