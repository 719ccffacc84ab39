import type { StreamAppend } from '../event-store/port.js';

/** Guards on other streams, each once; undefined when a stream moved between two facts. */
export function guardsBeside(
  stream: string,
  guards: readonly StreamAppend[],
): readonly StreamAppend[] | undefined {
  const others = new Map<string, StreamAppend>();
  for (const guard of guards) {
    if (guard.streamId === stream) continue;
    const known = others.get(guard.streamId);
    if (known && known.expected !== guard.expected) return undefined;
    others.set(guard.streamId, guard);
  }
  return [...others.values()];
}
