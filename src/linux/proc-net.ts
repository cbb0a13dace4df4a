/**
 * What the sockets of a process are on, by inode: the tables of its network namespace (proc(5), /proc/PID/net/tcp, tcp6, udp, udp6, unix).
 *
 *     sl  local_address rem_address   st … inode
 *      0: 0100007F:9C40 0100007F:2262 08 … 2230519
 */
import { readFileSync } from 'node:fs';
import { errorCode, isGone } from './proc-file.ts';

export interface SocketEnd {
  /** `connection to 127.0.0.1:5672`, `listening socket 0.0.0.0:80`, `UDP socket`, `unix socket /run/x.sock`. */
  what: string;
  /** The other side has closed it, and this one has not (CLOSE_WAIT). */
  halfClosed: boolean;
}

export type SocketEnds = ReadonlyMap<string, SocketEnd>;

const CLOSE_WAIT = '08';
const LISTEN = '0A';
const INET_TABLES = ['tcp', 'tcp6', 'udp', 'udp6'];

/** On a host with more connections the kernel would need seconds to write them all down. */
const MOST_CONNECTIONS = 20_000;

/** Tables that are not there (no IPv6) or may not be read add nothing; empty on a host with very many connections. */
export const readSocketEnds = (pid: number): SocketEnds => {
  const ends = new Map<string, SocketEnd>();
  if (connectionsIn(tableOf(pid, 'sockstat')) > MOST_CONNECTIONS) return ends;
  for (const table of INET_TABLES) addInet(tableOf(pid, table), table, ends);
  addUnix(tableOf(pid, 'unix'), ends);
  return ends;
};

/** `TCP: inuse 18 orphan 0 tw 1108 …`: those that are open, and those that are remembered for a minute. */
export const connectionsIn = (sockstat: string): number => {
  const found = /^TCP: inuse (\d+) .*\btw (\d+)/m.exec(sockstat);
  return found === null ? 0 : Number(found[1]) + Number(found[2]);
};

const tableOf = (pid: number, table: string): string => {
  try {
    return readFileSync(`/proc/${pid}/net/${table}`, 'latin1');
  } catch (error) {
    if (isGone(error) || errorCode(error) === 'EACCES' || errorCode(error) === 'EINVAL') return '';
    throw error;
  }
};

export const addInet = (text: string, table: string, ends: Map<string, SocketEnd>): void => {
  for (const line of text.split('\n').slice(1)) {
    const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
    if (local === undefined || remote === undefined || inode === undefined || inode === '0') continue;
    ends.set(inode, { what: inetText(table, { local, remote, state }), halfClosed: state === CLOSE_WAIT });
  }
};

const inetText = (
  table: string,
  { local, remote, state }: { local: string; remote: string; state: string | undefined },
): string => {
  const isConnected = !remote.endsWith(':0000');
  if (table.startsWith('udp')) return isConnected ? `UDP socket to ${endpoint(remote)}` : 'UDP socket';
  return state === LISTEN ? `listening socket ${endpoint(local)}` : `connection to ${endpoint(remote)}`;
};

export const addUnix = (text: string, ends: Map<string, SocketEnd>): void => {
  for (const line of text.split('\n').slice(1)) {
    const found = /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+)(?: (.*))?$/.exec(line);
    if (found?.[1] === undefined) continue;
    const path = found[2] ?? '';
    ends.set(found[1], { what: path === '' ? 'unix socket' : `unix socket ${path}`, halfClosed: false });
  }
};

/** `0100007F:2262` → `127.0.0.1:8802`: words of four bytes in host order, which is little-endian wherever Node runs on Linux today. */
export const endpoint = (hex: string): string => {
  const [address = '', port = '0'] = hex.split(':');
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  return `${addressText(bytes.map((byte) => Number.parseInt(byte, 16)))}:${Number.parseInt(port, 16)}`;
};

const addressText = (bytes: readonly number[]): string => {
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  // The URL parser writes the short form (RFC 5952).
  return new URL(`http://[${groups.join(':')}]/`).hostname;
};
