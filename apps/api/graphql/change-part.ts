import { isUuid } from '#kernel/ids';
import { refusal } from '#kernel/refusal';
import type { Registry } from '#platform/commands/registry';
import { seesRow } from '#platform/projections/visibility';
import type { Change } from '../changes/change.js';
import { knownRecords, mayHear } from '../changes/change-rights.js';
import type { ChangeTail } from '../changes/change-tail.js';
import { ValueStream } from './change-stream.js';
import type { GraphqlCaller, GraphqlContext } from './context.js';
import { badArgument, concealed, RefusedQuery } from './errors.js';
import type { SchemaPart } from './resolvers.js';

const sdl = `
"A record was changed; read it again with \`atLeast\`."
type RecordChange {
  type: RecordType!
  id: ID!
  "created, updated, won, and so on."
  action: String!
  "Revision of the record after the change."
  revision: Int!
  position: String!
  occurredAt: DateTime!
  actor: Actor!
}
type Subscription {
  "Changes from now on of what the caller may read: all, of one type, or of one record."
  recordChanged(type: RecordType, id: ID): RecordChange!
}
`;

/** The connection of a subscriber: keeps the rights current and ends with the session. */
export interface Subscriber {
  caller(): GraphqlCaller;
  /** Takes a stream along; false when the connection has too many already. */
  take(stream: { end(failure?: Error): void }): boolean;
  drop(stream: { end(failure?: Error): void }): void;
}

/** The context of a subscription. */
export interface SubscriptionContext extends GraphqlContext {
  readonly log?: (error: unknown) => void;
  readonly tail?: ChangeTail;
  readonly subscriber?: Subscriber;
}

/** Whether the caller may know of a change: the same rights as for the record itself. */
export async function mayKnow(
  registry: Registry,
  { platform }: GraphqlContext,
  caller: GraphqlCaller,
  change: Change,
): Promise<boolean> {
  const model = registry.modelOfRecord(change.type);
  if (!model || change.tenantId !== caller.tenantId || !mayHear(caller, change)) return false;
  const known = knownRecords(platform.reader, caller, model);
  if (known === 'all') return true;
  if (!known) return false;
  const { id, revision } = change;
  const row = await platform.reader.fold(caller.tenantId, model, id, { revision });
  return seesRow(known, model, row);
}

/** Subscriptions to changes of records. */
export function changePart(registry: Registry): SchemaPart {
  return {
    sdl,
    resolvers: {
      Subscription: {
        recordChanged: {
          async subscribe(
            _parent: unknown,
            args: { readonly type?: string | null; readonly id?: string | null },
            context: SubscriptionContext,
          ) {
            const { tail, subscriber } = context;
            if (!tail || !subscriber) throw new Error('subscriptions need a connection');
            if (typeof args.id === 'string' && !isUuid(args.id)) {
              throw badArgument('id', 'uuid', 'id is not a valid uuid.');
            }
            const id = args.id?.toLowerCase();
            let leave: (() => void) | undefined;
            const stream = new ValueStream<Change>(
              (change) =>
                mayKnow(registry, context, subscriber.caller(), change).catch(concealed(context)),
              () => {
                subscriber.drop(stream);
                leave?.();
              },
            );
            if (!subscriber.take(stream)) {
              const message = 'This connection has too many subscriptions; complete some of them.';
              throw new RefusedQuery(refusal('TOO_MANY_SUBSCRIPTIONS', 'limit', message));
            }
            const { tenantId } = subscriber.caller();
            try {
              leave = await tail.listen(tenantId, (change) => {
                const meant =
                  (!args.type || args.type === change.type) && (!id || id === change.id);
                if (meant) stream.push(change);
              });
            } catch (error) {
              stream.end();
              return concealed(context)(error);
            }
            // The connection may have ended in the meantime.
            if (stream.done) leave();
            return stream;
          },
        },
      },
    },
  };
}
