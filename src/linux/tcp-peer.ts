/** Who is at the other end of a loopback connection (proc(5), /proc/net/tcp). */
import { readFile } from 'node:fs/promises';
import { readdirSync, readlinkSync } from 'node:fs';
import { isGone, errorCode } from './proc-file.ts';

export interface TcpPeer {
  uid: number;
  /** Inode of its socket, as in `/proc/PID/fd`. */
  inode: string;
  /** Bytes that came for it and that its process has not read. */
  unread: number;
}

/** `0100007F:C350`: address in host byte order, port, both hexadecimal. Only little-endian machines run Node on Linux today. */
const LOOPBACK = '0100007F';

const endpoint = (port: number): string => `${LOOPBACK}:${port.toString(16).toUpperCase().padStart(4, '0')}`;

/** Find the socket on 127.0.0.1:`from` that is connected to 127.0.0.1:`to` in the text of /proc/net/tcp; null if there is none. */
export function findTcpPeer(text: string, from: number, to: number): TcpPeer | null {
  const local = endpoint(from);
  const remote = endpoint(to);
  for (const line of text.split('\n')) {
    const [, localAddress, remoteAddress, , queues, , , uid, , inode] = line.trim().split(/\s+/);
    if (localAddress === local && remoteAddress === remote && uid !== undefined && inode !== undefined)
      return { uid: Number(uid), inode, unread: Number.parseInt(queues?.split(':')[1] ?? '0', 16) };
  }
  return null;
}

/** The owner of a loopback connection from port `from` to our port `to`; null once it is closed. */
export async function readTcpPeer(from: number, to: number): Promise<TcpPeer | null> {
  return findTcpPeer(await readFile('/proc/net/tcp', 'utf8'), from, to);
}

/** Whether a process has this socket open; null where its descriptors cannot be read (another user's, or it is gone). */
export function holdsSocket(pid: number, inode: string): boolean | null {
  const wanted = `socket:[${inode}]`;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`) === wanted);
  } catch (error) {
    if (isGone(error) || errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') return null;
    throw error;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    // Closed since it was listed.
    if (isGone(error)) return null;
    throw error;
  }
}
