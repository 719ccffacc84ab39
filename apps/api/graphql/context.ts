import type { Imports } from '#apps/composition/import/imports';
import type { RequestContext } from '#kernel/context';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { Platform } from '#platform/platform';
import { positionsOf } from '#platform/projections/position-waiter';
import type { ReadTimes } from '#platform/projections/reader';
import { badArgument, RefusedQuery } from './errors.js';
import { ReferenceLoader } from './reference-loader.js';

/** Who asks, and the zone that turns their days into instants. */
export interface GraphqlCaller extends RequestContext {
  readonly timeZone: string;
  /** Absent where the product itself asks. */
  readonly sessionId?: string;
}

/** What every resolver knows; one per request. */
export interface GraphqlContext extends Told {
  readonly platform: Platform;
  readonly caller: GraphqlCaller;
  readonly references: ReferenceLoader;
}

/** Who is told of what resolvers do, and what they use beside the platform. */
export interface Told {
  /** Uploaded files and their imports. */
  readonly imports?: Imports;
  /** A record was looked at. */
  viewed?(record: string, id: string): void;
  /** People, teams or the workspace changed, and with them what callers may do. */
  standingChanged?(): void;
  /** The caller asked for what their role does not allow. */
  denied?(what: string, recordId?: string): void;
  /** A refusal unless the caller proved who they are within the last minutes. */
  stepUp?(): Promise<Refusal | undefined>;
}

export function graphqlContext(
  platform: Platform,
  caller: GraphqlCaller,
  told: Told = {},
): GraphqlContext {
  return { platform, caller, references: new ReferenceLoader(platform, caller), ...told };
}

/** Instants a question is put to; inherited by everything beneath it. */
export const TIMES = Symbol('times');
export type Past = Pick<ReadTimes, 'asOf' | 'knownAt'>;

/** A row as resolvers pass it on: with its type and the instants it was read for. */
export interface Shown {
  readonly __typename: string;
  readonly [TIMES]: Past;
  readonly [column: string]: unknown;
}

const WAIT_MS = 2_000;

/** Waits until the read models show a position, at most two seconds. */
export async function reachPosition(
  { platform }: GraphqlContext,
  models: readonly Pick<ReadModel, 'name'>[],
  position: string | null | undefined,
): Promise<void> {
  if (position === null || position === undefined) return;
  let positions: readonly string[];
  try {
    positions = positionsOf(position);
  } catch {
    throw badArgument(
      'atLeast',
      'position',
      'atLeast is no position.',
      'Give the position of a command’s answer; several are separated by commas.',
    );
  }
  if (!(await platform.positions.waitForAll(models, positions, WAIT_MS))) {
    const message = 'The lists have not reached this position yet; try again shortly.';
    throw new RefusedQuery(refusal('NOT_CAUGHT_UP', 'conflict', message));
  }
}

/** Whether the caller may read a model at all. */
export function mayRead({ platform, caller }: GraphqlContext, model: ReadModel): boolean {
  return !isRefusal(platform.reader.visible(caller, model));
}
