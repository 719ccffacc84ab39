import { activityLife } from '#event-schemas/work/activity.events';
import { uuidv7 } from '#kernel/ids';
import { HistoryWriter, type Happening } from './history-writer.js';
import { emptyWorld, skipLog, type World } from './world.js';

const ACTIVITIES = 60_000;
/** As many as one append takes, which brings the keys of all. */
const CONTACTS = 64;
const TYPES = ['call', 'email', 'meeting', 'visit'] as const;

function* activities(count: number, contacts: readonly string[]): Generator<Happening> {
  const actorId = uuidv7();
  for (let n = 0; n < count; n++) {
    const id = uuidv7();
    const relatedToId = contacts[n % CONTACTS]!;
    const fact = activityLife.fact('created', id, {
      ...{ ownerId: actorId, tags: [], activityType: TYPES[n % TYPES.length]! },
      ...{ subject: `Asked about offer ${n}`, happenedAt: new Date().toISOString() },
      ...{ durationMinutes: n % 90, direction: 'outbound', relatedToType: 'contact', relatedToId },
    });
    yield { streamId: `activity-${id}`, revision: 0, facts: [{ fact, at: new Date() }], actorId };
  }
}

/** A log of nothing but activities, each of one event, that no read model has seen. */
export async function logActivities(): Promise<World> {
  const world = await emptyWorld();
  const { platform, url, ctx } = world;
  const writer = new HistoryWriter(platform, ctx.tenantId, { name: 'activities' });
  const contacts = Array.from({ length: CONTACTS }, () => uuidv7());
  await writer.write(activities(CONTACTS, contacts));
  await writer.write(activities(ACTIVITIES, contacts));
  await skipLog(platform, url);
  return world;
}
