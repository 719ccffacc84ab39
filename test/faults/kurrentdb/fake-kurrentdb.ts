import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { startTcpProxy } from '../tcp-proxy.js';
import { answer, Appends, type AppendSetting } from './appends.js';
import { grpcError, type FailureContext, type FailureKind } from './errors.js';
import { Faults, type CutOptions, type FailOptions, type Method } from './faults.js';
import { FakeLog, type LogOptions, type LogRecord } from './log.js';
import {
  features,
  gossip,
  GossipService,
  ServerFeaturesService,
  StreamsService,
  TransactionsService,
} from './protocol.js';
import { Reads } from './reads.js';
import { Transactions } from './transactions.js';

const HOST = '127.0.0.1';
const DEFAULT_MAX_APPEND_SIZE = 16 * 1024 * 1024;

export interface FakeOptions extends LogOptions {
  /** The version it says it is, which decides what it can do: `22.10.0`, `25.1.0`, `26.1.0`. */
  readonly version: string;
  /** Bytes of one append; real servers have 1 MiB unless they are told otherwise. */
  readonly maxAppendSize?: number;
  /** Ids arrive as two 64-bit numbers, whatever the client asked for. */
  readonly structuredUuids?: boolean;
  /** Successful appends tell no position, as the protocol allows. */
  readonly noPositions?: boolean;
  /** Backwards from beyond the end of a stream is nothing, rather than from its end. */
  readonly nothingBeyondEnd?: boolean;
  /** Takes its log, line by line. */
  readonly log?: (line: string) => void;
}

export interface FakeState {
  /** Every record in the order of the log, those of the system included. */
  readonly records: readonly LogRecord[];
  /** Calls that arrived, failed ones included. */
  readonly calls: Readonly<Record<Method, number>>;
  /** Appends that came with others on one connection, the fast way. */
  readonly batched: number;
  readonly subscriptions: number;
  /** Events that were sent, in pages or to subscriptions. */
  readonly sent: number;
  /** How often every connection was cut. */
  readonly cuts: number;
  /** Pages that are being sent. */
  readonly pages: number;
  /** The largest number of events that a page was asked for. */
  readonly largestPage: bigint;
  /** How many records of the log the newest subscription passes over. */
  readonly subscribedAfter: number;
}

/** A server that speaks KurrentDB's protocol from memory and fails when told; no KurrentDB. */
export interface FakeKurrentDb {
  readonly version: string;
  readonly url: string;
  readonly port: number;
  readonly state: FakeState;
  /** Resets every connection, at once or when something happens; new ones are taken. */
  cut(options?: CutOptions): void;
  /** Resets every connection and refuses new ones until `up`. */
  down(): void;
  up(): void;
  /** From now on answers come so many milliseconds later; what is appended is stored at once. */
  late(ms: number, method?: Method): void;
  /** The next calls fail. */
  fail(kind: FailureKind, times?: number, options?: FailOptions): void;
  /** Forgets ordered failures, delays and cuts. */
  clear(): void;
  /** Ends every subscription, with an error or as if there was nothing more. */
  dropSubscriptions(how?: FailureKind | 'end'): void;
  /** From now on the open subscriptions bring nothing, and do not end either. */
  silenceSubscriptions(): void;
  stop(): Promise<void>;
}

/** Starts one on a free port of loopback. */
export async function startFakeKurrentDb(options: FakeOptions): Promise<FakeKurrentDb> {
  const { version, maxAppendSize = DEFAULT_MAX_APPEND_SIZE } = options;
  const say = (line: string) => options.log?.(`fake KurrentDB ${version}: ${line}`);
  const log = new FakeLog(options);
  const faults = new Faults(() => {
    say('cuts every connection');
    proxy.reset();
  });
  const context = (stream: string): FailureContext => ({
    stream,
    maxAppendSize,
    leader: { host: HOST, port: proxy.port },
  });
  const setting: AppendSetting = { ...options, log, faults, maxAppendSize, context };
  const saysCaughtUp = atLeast(version, 23, 10);
  const reads = new Reads({ ...options, log, faults, saysCaughtUp, context });
  const appends = new Appends(setting);
  const { append, batchAppend, delete: remove, tombstone } = appends;
  const { appendSession, appendRecords } = new Transactions(setting);

  const unlimited = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
  const server = new Server(unlimited);
  const { handle: read } = reads;
  server.addService(StreamsService, { read, append, batchAppend, delete: remove, tombstone });
  const known = {
    ...(atLeast(version, 25, 1) && { appendSession: TransactionsService.appendSession }),
    ...(atLeast(version, 26, 1) && { appendRecords: TransactionsService.appendRecords }),
  } as ServiceDefinition;
  if (Object.keys(known).length > 0) server.addService(known, { appendSession, appendRecords });
  const info =
    <Answer>(message: () => Answer) =>
    (_call: ServerUnaryCall<unknown, Answer>, reply: sendUnaryData<Answer>): void =>
      answer(reply, async () => {
        const failure = faults.take('info');
        await faults.wait('info');
        if (failure) throw grpcError(failure.kind, context('$all'));
        return message();
      });
  server.addService(ServerFeaturesService, {
    getSupportedMethods: info(() => supportedMethods(version, [StreamsService, known])),
  });
  server.addService(GossipService, { read: info(() => clusterOfOne(proxy.port)) });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${HOST}:0`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  // Between the client and the server, so that connections break as connections do.
  const proxy = await startTcpProxy({ host: HOST, port });
  say(`listens on port ${proxy.port}`);

  return {
    version,
    port: proxy.port,
    url: `kurrentdb://${HOST}:${proxy.port}?tls=false`,
    state: {
      records: log.all,
      calls: faults.calls,
      get batched() {
        return appends.batched;
      },
      get subscriptions() {
        return reads.open;
      },
      get sent() {
        return faults.eventsSent;
      },
      get cuts() {
        return faults.cuts;
      },
      get pages() {
        return reads.pages;
      },
      get largestPage() {
        return reads.largestPage;
      },
      get subscribedAfter() {
        return reads.subscribedAfter;
      },
    },
    cut: (how = {}) => faults.cut(how),
    down: () => proxy.cut(),
    up: () => proxy.suffer(),
    late: (ms, method) => faults.late(ms, method),
    fail: (kind, times = 1, how = {}) => faults.fail(kind, times, how),
    clear: () => faults.clear(),
    dropSubscriptions: (how = 'end') => reads.drop(how),
    silenceSubscriptions: () => reads.silence(),
    stop: async () => {
      await proxy.close();
      server.forceShutdown();
      say('stopped');
    },
  };
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [own = 0, next = 0] = version.split('.').map(Number);
  return own > major || (own === major && next >= minor);
}

function supportedMethods(version: string, services: readonly ServiceDefinition[]) {
  const found = new features.SupportedMethods().setEventStoreServerVersion(version);
  for (const { path } of services.flatMap((service) => Object.values(service))) {
    // "/event_store.client.streams.Streams/Read": a server names both parts in lower case.
    const [, service, method] = path.toLowerCase().split('/');
    const supported = new features.SupportedMethod().setServiceName(service!);
    found.addMethods(supported.setMethodName(method!));
  }
  return found;
}

function clusterOfOne(port: number) {
  const member = new gossip.MemberInfo()
    .setState(gossip.MemberInfo.VNodeState.LEADER)
    .setIsAlive(true)
    .setTimeStamp(String(Date.now()))
    .setHttpEndPoint(new gossip.EndPoint().setAddress(HOST).setPort(port));
  return new gossip.ClusterInfo().addMembers(member);
}
