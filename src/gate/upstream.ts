/** The broker's side of a new connection: the first of its nodes that lets us in, plain or through TLS. */
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { TimedOut, connectUpstream } from './leg.ts';
import type { Address } from './leg.ts';

export interface Upstream extends Address {
  /** Null: plain TCP. */
  tls: UpstreamTls | null;
}

/** How TLS is spoken; the gate knows of no files. */
export interface UpstreamTls {
  /** Asked anew for every connection; rejects with a sentence. */
  options: () => Promise<ConnectionOptions>;
  /** What a failure means, to follow the name of the broker; null: nothing that is known here. */
  explain: (error: Error) => string | null;
}

export interface Connected {
  socket: Socket;
  /** What an error of this socket means, in a sentence. */
  explain: (error: Error) => string;
}

/** Which nodes did not let us in when they were last asked: these are asked last, so that a dead one does not delay every connection. */
export class NodeMemory {
  readonly #away = new Set<string>();

  order(nodes: readonly Upstream[]): Upstream[] {
    const isAway = (node: Upstream): boolean => this.#away.has(nameOf(node));
    return [...nodes.filter((node) => !isAway(node)), ...nodes.filter(isAway)];
  }

  note(node: Upstream, answer: 'in' | 'away'): void {
    if (answer === 'in') this.#away.delete(nameOf(node));
    else this.#away.add(nameOf(node));
  }
}

/** `totalMs` for all nodes, `nodeMs` for each; the last may take what is left. */
export interface ConnectTimes {
  totalMs: number;
  nodeMs: number;
}

/** Does any node let us in? */
export async function answers(nodes: readonly Upstream[], memory: NodeMemory, times: ConnectTimes): Promise<boolean> {
  try {
    (await connectFirst(nodes, memory, times)).socket.destroy();
    return true;
  } catch {
    // That is the answer: why not is told by who needs the connection.
    return false;
  }
}

/** Connect to the first node that lets us in. Rejects with what each of them said. */
export async function connectFirst(
  nodes: readonly Upstream[],
  memory: NodeMemory,
  times: ConnectTimes,
): Promise<Connected> {
  const deadline = performance.now() + times.totalMs;
  const failures: string[] = [];
  const ordered = memory.order(nodes);
  for (const [index, node] of ordered.entries()) {
    const left = deadline - performance.now();
    if (left <= 0) break;
    try {
      const socket = await connectTo(node, index === ordered.length - 1 ? left : Math.min(left, times.nodeMs));
      memory.note(node, 'in');
      return { socket, explain: (error) => sentence(node, error, 'ended the connection') };
    } catch (error) {
      memory.note(node, 'away');
      failures.push(sentence(node, error, 'cannot be reached'));
    }
  }
  throw new Error(failures.join(' '));
}

async function connectTo({ host, port, tls }: Upstream, timeoutMs: number): Promise<Socket> {
  if (tls === null) return connectUpstream({ host, port }, timeoutMs, null);
  // Without a name, a broker with several certificates cannot choose; an address is no name (RFC 6066).
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectUpstream({ host, port }, timeoutMs, { ...name, ...(await tls.options()) });
}

function sentence(node: Upstream, error: unknown, what: string): string {
  const who = `The broker at ${nameOf(node)}`;
  // A host with several addresses fails with one error for each; the first speaks for all.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return `${who} ${what}: ${String(first)}.`;
  if (first instanceof TimedOut) return `${who} ${first.message}.`;
  const why = node.tls?.explain(first) ?? `${what}: ${first.message.replace(/\.$/, '')}`;
  return `${who} ${why}.`;
}

const nameOf = ({ host, port }: Address): string => `${host}:${port}`;
