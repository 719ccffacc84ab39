import type { Registry } from '#platform/commands/registry';
import type { Endpoint } from '../rest/endpoint.js';

/** A message of clients, and who may send it. */
export interface SocketOperation {
  /** `socket watch record company`. */
  readonly name: string;
  readonly access: Endpoint['access'];
  /** Collection of the record it names; another workspace's is not there. */
  readonly addresses?: string;
}

/** Every message a client may send, in all its kinds, with what it takes. */
export function socketOperations({ product }: Registry): readonly SocketOperation[] {
  const reading = (name: string) => ({ permission: `${name}:read` });
  return [
    { name: 'socket connect', access: 'signed-in' },
    // Whatever changes is told to those who may read it.
    { name: 'socket watch workspace', access: 'signed-in' },
    { name: 'socket watch notifications', access: reading('notifications') },
    {
      name: 'socket watch board',
      access: { ...reading('pipelines'), and: 'deals:read' },
      addresses: 'pipelines',
    },
    ...product.readModels.flatMap(({ record, name }): SocketOperation[] => [
      { name: `socket watch type ${record}`, access: reading(name) },
      { name: `socket watch record ${record}`, access: reading(name), addresses: name },
      { name: `socket look ${record}`, access: reading(name), addresses: name },
    ]),
  ];
}
