import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { findTcpPeer, holdsSocket, readTcpPeer } from '../../../src/linux/tcp-peer.ts';

const TEXT = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:C350 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
   1: 0100007F:C350 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 20 4 30 10 -1
   2: 0100007F:9C40 0100007F:C350 01 00000000:00000012 02:00000576 00000000    33        0 13 2 0 20 4 29 10 -1
   3: 0200007F:9C41 0100007F:C350 01 00000000:00000000 02:00000576 00000000    34        0 14 2 0 20 4 29 10 -1
`;

describe('/proc/net/tcp', () => {
  test.each([
    ['the far end of a connection to us', 40_000, 50_000, { uid: 33, inode: '13', unread: 0x12 }],
    ['not our own end', 50_000, 40_000, { uid: 0, inode: '12', unread: 0 }],
    ['nobody: closed by now', 40_002, 50_000, null],
    ['nobody: another address', 40_001, 50_000, null],
  ])('%s', (_, from, to, expected) => expect(findTcpPeer(TEXT, from, to)).toEqual(expected));
});

const sockets: { destroy: () => void }[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

test('a real connection belongs to our user and to this process, and to no other', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  sockets.push({ destroy: () => server.close() });
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  const [served] = (await once(server, 'connection')) as [Socket];
  sockets.push(client, served);
  const found = await readTcpPeer(served.remotePort ?? 0, port);
  expect(found?.uid).toBe(process.geteuid?.());
  expect(holdsSocket(process.pid, found?.inode ?? '')).toBe(true);
  expect(holdsSocket(process.ppid, found?.inode ?? '')).not.toBe(true);
  expect(holdsSocket(2 ** 22, found?.inode ?? '')).toBeNull();
});
