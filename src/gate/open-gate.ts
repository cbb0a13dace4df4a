/** Open the gate of one incarnation: a loopback listener whose connections go to the broker, counted, clamped and drainable. */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Connection } from './connection.ts';
import { GatedConnections } from './gated-connections.ts';
import type { GateState } from './gated-connections.ts';
import { HIGH_WATER_MARK, endWithin, peerOf } from './leg.ts';
import type { GateCounters, GateReport, Obstacle, Peer } from './reports.ts';
import { PoisonWatch } from './poison-watch.ts';
import type { PoisonOptions } from './poison-watch.ts';
import { withReadBuffer } from './read-buffer.ts';
import { Session } from './session.ts';
import type { MessageIdentity } from './trace.ts';
import { NodeMemory, answers, connectFirst } from './upstream.ts';
import type { ConnectTimes, Connected, Upstream } from './upstream.ts';
import { Vigil } from './vigil.ts';

/** For all nodes together, and for each but the last. */
const CONNECT_MS = 10_000;
const NODE_MS = 3_000;
const ADMIT_MS = 5_000;
const CLOSE_MS = 4_000;
/** Only a process that inherited the worker's socket, or a broker that takes nothing, makes it wait so long. */
const LAST_WORDS_MS = 250;
const MAX_CONNECTIONS = 256;

export interface GateOptions {
  /** Nodes of one broker, tried in order. */
  upstreams: readonly Upstream[];
  /** Shared by gates of one process, so that a dead node costs its time-out once, not once a gate; default: the gate's own. */
  memory?: NodeMemory;
  /** How long a node that is not the last may take to let a connection in; default 3000. */
  nodeMs?: number;
  /** Most messages the broker may hand to a consumer unacknowledged (1 … 65535); null: what the worker asks for. */
  prefetch: number | null;
  /** May this peer use the gate? Asked once per connection, before anything is read from it. */
  admit: (peer: Peer) => Promise<boolean>;
  listen: '127.0.0.1';
  onReport: (report: GateReport) => void;
  /** Deliveries must be quiet this long before consumers are cancelled; default 50 (needed for quorum queues). */
  quietMs?: number;
  /** A drain without progress for this long is reported; default 5000. */
  stuckMs?: number;
  /**
   * Has this peer's process read all that was sent to it, its end included? So has one that closed its own side. Tells who waits for
   * messages from who works on one. Absent: nobody knows, and neither a clamp that starves nor a deaf worker is noticed.
   */
  hasRead?: (peer: Peer) => Promise<boolean>;
  /** A worker that holds all that `prefetch` allows, and says nothing for so long, is looked at; default 5000. */
  starvedMs?: number;
  /** Messages that workers died on; absent: they are not looked for. */
  poison?: PoisonOptions | null;
  /** A worker that lost its consumer, channel or connection and does nothing about it is said after so long; default 30000. */
  deafMs?: number;
  /** Heartbeat towards the broker in seconds, never longer than its own offer; default 30. */
  heartbeatSeconds?: number;
  /** Monotonic milliseconds; default `performance.now`. */
  now?: () => number;
}

export interface Gate {
  readonly port: number;
  readonly state: GateState;
  counters(): GateCounters;
  /** What would be lost or doubled if the process ended now; null when nothing. Ask it once more right before a signal. */
  obstacle(): Obstacle | null;
  /** What the worker is at, or was when it left its connection a moment ago: asked when it is found dead. */
  suspects(): MessageIdentity[];
  /** No new message reaches the worker. Reports `drained` once what it has is settled. Doing it twice changes nothing. */
  quiesce(): void;
  resume(): void;
  /** The worker's process is gone: resolves when what it said last is counted and on its way, at the latest after 250 ms. Before `close`. */
  readOut(): Promise<void>;
  /** End every connection and the listener; resolves when all is gone, at the latest after a few seconds. */
  close(): Promise<void>;
}

/** Resolves once the gate listens. Rejects when no port can be had, or the prefetch is none. */
export async function openGate(options: GateOptions): Promise<Gate> {
  const { prefetch } = options;
  if (prefetch !== null && !(Number.isInteger(prefetch) && prefetch >= 1 && prefetch <= 65_535)) {
    throw new RangeError(`A gate's prefetch is a whole number from 1 to 65535 or null, not ${prefetch}.`);
  }
  const now = options.now ?? ((): number => performance.now());
  const {
    onReport,
    hasRead = () => Promise.resolve(false),
    stuckMs = 5_000,
    starvedMs = 5_000,
    deafMs = 30_000,
  } = options;
  const poison = options.poison == null ? null : new PoisonWatch(options.poison);
  const connections = new GatedConnections({ now, stuckMs, clamp: prefetch, poison, onReport });
  const memory = options.memory ?? new NodeMemory();
  const sockets = new Set<Socket>();
  const legs = { pauseOnConnect: true, allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK };
  const server = createServer(legs, (accepted) => {
    const client = withReadBuffer(accepted, HIGH_WATER_MARK);
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    void carry(client, { options, connections, memory, now });
  });
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listen(server, options.listen);
  const isBrokerThere = (): Promise<boolean> => answers(options.upstreams, memory, timesOf(options));
  const vigil = new Vigil({ connections, now, starvedMs, deafMs, hasRead, isBrokerThere });
  return {
    port,
    get state() {
      return connections.state;
    },
    counters: () => connections.counters(),
    obstacle: () => connections.obstacle(),
    suspects: () => connections.suspects(),
    quiesce: () => connections.quiesce(),
    resume: () => connections.resume(),
    readOut: () => connections.readOut(LAST_WORDS_MS),
    close: () => {
      vigil.stop();
      return close(server, connections, sockets);
    },
  };
}

const timesOf = ({ nodeMs = NODE_MS }: GateOptions): ConnectTimes => ({ totalMs: CONNECT_MS, nodeMs });

interface Carrying {
  options: GateOptions;
  connections: GatedConnections;
  memory: NodeMemory;
  now: () => number;
}

/** From accept to the first byte carried. Never rejects: what goes wrong is reported, and the client closed. */
async function carry(client: Socket, carrying: Carrying): Promise<void> {
  const { options, connections, memory } = carrying;
  const peer = peerOf(client);
  const refuse = (text: string): void => {
    client.destroy();
    connections.report({ kind: 'refused', peer, text });
  };
  // Until the connection listens, an error of the socket is only its end.
  client.on('error', () => undefined);
  try {
    if (!(await within(options.admit(peer), ADMIT_MS))) {
      refuse('The peer does not belong to this worker.');
      return;
    }
  } catch (error) {
    refuse(`Whether the peer belongs to this worker could not be found out: ${textOf(error)}`);
    return;
  }
  let connected: Connected;
  try {
    connected = await connectFirst(options.upstreams, memory, timesOf(options));
  } catch (error) {
    client.destroy();
    connections.report({ kind: 'unreachable', peer, text: textOf(error) });
    return;
  }
  begin({ client, connected, peer }, carrying);
}

function begin(
  { client, connected, peer }: { client: Socket; connected: Connected; peer: Peer },
  { options, connections, now }: Carrying,
): void {
  const session = new Session({
    clamp: connections.clamp,
    poison: connections.poison,
    quietMs: options.quietMs ?? 50,
    heartbeatSeconds: options.heartbeatSeconds ?? 30,
    isQuiesced: connections.isQuiesced,
    totals: connections.totals,
    report: (report) => connections.report(report),
  });
  const connection = new Connection({
    client,
    broker: connected.socket,
    session,
    now,
    whyBroken: connected.explain,
    onMute: (text) => connections.report({ kind: 'unreachable', peer, text }),
    onChange: () => connections.changed(),
    onEnd: (ended, end) => connections.remove(ended, end),
  });
  connections.add(connection);
  connections.report({ kind: 'connectionOpened', peer });
  connection.start();
}

async function within<T>(promise: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms.`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server, connections: GatedConnections, sockets: Set<Socket>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, CLOSE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    connections.closeAll();
    for (const socket of sockets) if (socket.isPaused() && socket.bytesRead === 0) endWithin(socket, 0);
  });
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
