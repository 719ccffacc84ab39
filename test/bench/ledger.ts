import { HistoryWriter } from './history-writer.js';
import { MadeUp } from './made-up.js';
import { emptyWorld, skipLog, type World } from './world.js';

/** Every company has one event, every contact three: thirty thousand in all. */
const SIZE = { companies: 300, contacts: 9_900, deals: 0, changes: 2 };

/**
 * A log of what people did to contacts, sealed as commands seal it: the person's fields under their
 * own key, the address and browser of whoever did it under theirs. No read model has seen it.
 */
export async function openLedger(): Promise<World> {
  const world = await emptyWorld(SIZE);
  const { platform, ctx, url } = world;
  const made = new MadeUp(SIZE);
  const writer = new HistoryWriter(platform, ctx.tenantId);
  await writer.write(made.creations());
  await writer.write(made.changes());
  await skipLog(platform, url);
  await world.admin((db) => db.query('VACUUM ANALYZE'));
  return { ...world, events: writer.written };
}
