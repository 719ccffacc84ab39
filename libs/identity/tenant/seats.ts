import { guarded, stateOf, type FactCaller, type Reservation } from '#kernel/command';
import { tenant, type TenantState } from './tenant.js';

/** What everybody who may sign in or is invited holds one place of. */
export const seats = { scope: 'seat', value: 'workspace' } as const;

/** What frees the seat of a person. */
export const freedSeat: readonly Reservation[] = [seats];

/** The workspace, whose plan must not change while somebody takes a seat. */
export const workspaceOf = ({ tenantId }: FactCaller) => guarded(stateOf(tenant, tenantId));

/** One of the seats of the workspace, for whoever may sign in or is invited to. */
export function seatIn(workspace: TenantState | undefined): readonly Reservation[] {
  if (!workspace || workspace.status === 'absent') return [];
  return [{ ...seats, among: workspace.values.maxUsers }];
}

/** Refuses fewer seats than are taken. */
export const seatsFit = (maxUsers: number) => [{ ...seats, among: maxUsers }];
