import type { EventMeta } from '#kernel/event';
import { deriveId, PLATFORM_TENANT } from '#kernel/ids';
import { deletionEvents } from '#event-schemas/platform/deletion.events';
import { canonicalJson } from '../event-store/canonical-json.js';
import type { Platform } from '../platform.js';
import type { ListedDeletion } from './deletion-list.js';

/** The stream of the platform's own tenant that says what became of a workspace. */
const streamOf = (tenantId: string) => `workspace_deletion-${tenantId}`;

/** Whether the deletion is through: its record is the last step. */
export async function isRecorded({ store }: Platform, deletion: ListedDeletion): Promise<boolean> {
  const { id: commandId, tenantId } = deletion;
  return Boolean((await store.load(PLATFORM_TENANT, streamOf(tenantId), { commandId })).stored);
}

/** Records in the platform's own log who deleted a workspace, and when; once. */
export async function recordDeletion(platform: Platform, deletion: ListedDeletion): Promise<void> {
  const { store, codec, keys, wakeUp } = platform;
  const { id, tenantId, by, at } = deletion;
  const meta: EventMeta = { actor: { type: 'system', id: 'deletion' }, correlationId: id };
  const streamId = streamOf(tenantId);
  const fact = {
    type: deletionEvents.destroyed.type,
    data: { tenantId, byType: by.type, byId: by.id, decidedAt: at },
  };
  const session = codec.session(PLATFORM_TENANT);
  const event = await session.encode(streamId, deriveId(PLATFORM_TENANT, id, 0), fact, meta);
  const { status } = await store.append({
    tenantId: PLATFORM_TENANT,
    commandId: id,
    requestHash: await keys.digest(PLATFORM_TENANT, 'request', canonicalJson({ ...deletion })),
    streams: [{ streamId, expected: 0, events: [event] }],
    result: '{}',
  });
  if (status !== 'appended' && status !== 'duplicate') {
    throw new Error('the deletion could not be recorded; begin it again');
  }
  wakeUp.signal();
}
