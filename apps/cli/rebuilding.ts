import type { ReadModel } from '#kernel/read-model';
import { refusal } from '#kernel/refusal';
import type { Platform } from '#platform/platform';
import { Rebuild, RebuildCancelled, type RebuildOptions } from '#platform/projections/rebuild';
import { RefusedError, type Call } from './command.js';
import { progressOn } from './progress.js';

/** The read models an operand names: one of them, or `all`. */
export function modelsNamed(platform: Platform, name: string): readonly ReadModel[] {
  const models = [...platform.registry.readModels.values()];
  if (name === 'all') return models;
  const found = models.find((model) => model.name === name);
  if (found) return [found];
  const message = `There is no read model ${name}.`;
  const remedy = `Name one of ${models.map((one) => one.name).join(', ')}.`;
  throw new RefusedError(refusal('NOT_FOUND', 'missing', message, [{ message, remedy }]));
}

/** A rebuild of one read model, with its progress. */
export async function rebuilding<Result>(
  call: Call,
  platform: Platform,
  model: ReadModel,
  work: (rebuild: Rebuild, options: RebuildOptions) => Promise<Result>,
): Promise<Result> {
  call.standBack();
  const { options, database, store, codec } = platform;
  const definition = (type: string) => codec.definition(type);
  const rebuild = new Rebuild({ url: options.url, database, store, codec, definition }, model);
  const bar = progressOn(call.out.terminal, call.out.json);
  bar.begin(model.name, 'events');
  const progress: RebuildOptions['progress'] = ({ done, share }) => bar.update(done, share);
  try {
    const result = await work(rebuild, { signal: call.signal, progress });
    bar.end();
    return result;
  } catch (error) {
    bar.end(error instanceof RebuildCancelled ? 'cancelled' : 'stopped');
    throw error;
  }
}
