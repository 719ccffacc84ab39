import type { ReadModel } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { Platform } from '../platform.js';
import type { Discard } from '../projections/discards.js';
import { freeStream, notParked, notToBlame, type Refolded } from '../projections/free-stream.js';
import { retryParked } from '../sagas/operations.js';
import { processorOf } from '../sagas/runner.js';
import { deadLetters, type DeadLetter } from './dead-letters.js';

/** A stream that a processor set aside. */
export interface ParkedAt {
  /** Name of a read model, or `saga:` and that of a saga or policy. */
  readonly processor: string;
  readonly tenantId: string;
  readonly streamId: string;
}

/** What came of a retry or a discard. */
export interface Freed {
  readonly processor: string;
  readonly streamId: string;
  /** Whether nothing of the stream is parked any more. */
  readonly freed: boolean;
  /** Events that were applied or handled. */
  readonly handled: number;
  /** What holds it up now. */
  readonly deadLetter: DeadLetter | null;
}

/** Applies a parked stream again; refused with the reason while the cause has not been mended. */
export async function retryDeadLetter(platform: Platform, at: ParkedAt): Promise<Freed | Refusal> {
  const model = modelOf(platform, at);
  const outcome = model ? await freeStream(platform, model, at) : await retryOfSaga(platform, at);
  if (isRefusal(outcome)) return outcome as Refusal;
  const freed = await freedOf(platform, at, outcome as Refolded | number);
  return freed.deadLetter && model ? stillParked(at, freed.deadLetter) : freed;
}

/**
 * Leaves the event out that is to blame, for good, and applies those behind it. The stream stays
 * parked where one of them cannot be applied either. Rebuilds leave it out as well.
 */
export async function discardDeadLetter(
  platform: Platform,
  at: ParkedAt,
  discard: Discard,
): Promise<Freed | Refusal> {
  const model = modelOf(platform, at);
  const outcome = model
    ? await freeStream(platform, model, at, discard)
    : await retryOfSaga(platform, at, discard);
  if (isRefusal(outcome) && (outcome as Refusal).code !== 'STILL_PARKED') {
    return outcome as Refusal;
  }
  return freedOf(platform, at, isRefusal(outcome) ? 0 : (outcome as Refolded | number));
}

function modelOf({ registry }: Platform, { processor }: ParkedAt): ReadModel | undefined {
  return registry.readModels.get(processor);
}

async function retryOfSaga(
  platform: Platform,
  at: ParkedAt,
  discard?: Discard,
): Promise<number | Refusal> {
  const process = platform.sagas.processes.find((one) => processorOf(one) === at.processor);
  const [letter] = process ? await lettersOf(platform, at) : [];
  if (!process || !letter) return notParked(at.processor, at);
  if (!discard) return retryParked(platform, process, at);
  if (letter.version !== discard.version) return notToBlame(discard.version, letter.version);
  return retryParked(platform, process, at, discard);
}

function lettersOf({ database }: Platform, at: ParkedAt): Promise<readonly DeadLetter[]> {
  return deadLetters(database, { ...at, name: at.processor });
}

async function freedOf(
  platform: Platform,
  at: ParkedAt,
  outcome: Refolded | number,
): Promise<Freed> {
  const [deadLetter = null] = await lettersOf(platform, at);
  const handled = typeof outcome === 'number' ? outcome : outcome.applied;
  const { processor, streamId } = at;
  return { processor, streamId, freed: !deadLetter, handled, deadLetter };
}

function stillParked({ processor, streamId }: ParkedAt, letter: DeadLetter): Refusal {
  const { type, version, reason } = letter;
  const message = `${processor} still cannot apply ${type}, revision ${version} of ${streamId}: ${reason}`;
  const remedy = 'Mend the cause and retry, or discard the event.';
  return refusal('STILL_PARKED', 'rule', message, [{ rule: 'applied', message, remedy }]);
}
