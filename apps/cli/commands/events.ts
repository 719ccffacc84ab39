import type { StoredEvent } from '#platform/event-store/port';
import { printable } from '../output.js';
import { wholeOption, type Command } from '../command.js';
import { tenantOf, tenantOption } from '../tenant.js';

/** An event as an operator may see it: what is sealed stays sealed. */
function shown(event: StoredEvent) {
  const { $sealed, ...clear } = JSON.parse(event.data) as Record<string, unknown>;
  const { actor, ...meta } = JSON.parse(event.meta) as Record<string, unknown>;
  const fields = ($sealed as { fields: readonly string[] } | undefined)?.fields ?? [];
  const { sealed: _caller, ...clearMeta } = meta;
  return {
    position: event.position,
    streamId: event.streamId,
    version: event.version,
    type: event.type,
    data: { ...clear, ...Object.fromEntries(fields.map((field) => [field, '(sealed)'])) },
    actor: actor as { readonly type: string; readonly id: string },
    meta: clearMeta,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
  };
}

function lineOf(event: ReturnType<typeof shown>): string {
  const { recordedAt, streamId, version, type, actor, data } = event;
  const who = `${actor.type}:${actor.id}`;
  const what = printable(JSON.stringify(data));
  return `${recordedAt.toISOString()}  ${type}  ${streamId}@${version}  ${who}  ${what}`;
}

export const tailEvents: Command = {
  words: ['events', 'tail'],
  summary: 'Shows the last events of a tenant; personal fields stay sealed.',
  options: {
    ...tenantOption,
    limit: { type: 'string', value: 'N', default: '20', description: 'How many at most.' },
    follow: { type: 'boolean', description: 'Go on with new ones until Ctrl-C.' },
  },
  example: 'clientforge events tail --tenant 01890a5d-ac96-774b-bcce-b302099a8057 --limit 5',
  async run(call) {
    const limit = wholeOption(call, 'limit', 1, 10_000);
    const { platform } = await call.open();
    const { id: tenantId } = await tenantOf(call, platform);
    const events = (await platform.store.readTail(tenantId, limit)).map(shown);
    if (!call.flag('follow')) {
      call.out.answer(events, () => events.forEach((event) => call.out.line(lineOf(event))));
      return;
    }
    for (const event of events) call.out.stream(event, lineOf(event));
    let after = events.at(-1)?.position ?? (await platform.store.head());
    while (!call.signal.aborted) {
      const page = await platform.store.readFeed({ after, limit: 500, tenantId });
      for (const event of page.events.map(shown)) call.out.stream(event, lineOf(event));
      after = page.position;
      if (page.caughtUp) await platform.wakeUp.wait(1_000, call.signal);
    }
  },
};
