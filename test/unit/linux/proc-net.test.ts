import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { countDescriptors, descriptorLimit, listDescriptors } from '../../../src/linux/proc-fd.ts';
import { addInet, addUnix, connectionsIn, endpoint, readSocketEnds } from '../../../src/linux/proc-net.ts';
import type { SocketEnd } from '../../../src/linux/proc-net.ts';

const TAIL = '00000000:00000000 00:00000000 00000000     0        0';
const TCP = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  `   0: 0100007F:2261 00000000:0000 0A ${TAIL} 10 1 0000000041 100 0 0 10 0`,
  `   1: 0100007F:9C40 0100007F:1628 01 ${TAIL} 11 1 00000000bb 20 4 30 10 -1`,
  `   2: 0100007F:9C41 0100007F:1628 08 ${TAIL} 12 1 00000000bb 20 4 30 10 -1`,
  `   3: 0100007F:9C42 0100007F:1628 06 ${TAIL} 0 1 00000000bb`,
  '',
].join('\n');

test.each([
  ['0100007F:1628', '127.0.0.1:5672'],
  ['00000000000000000000000001000000:01BB', '[::1]:443'],
  ['0000000000000000FFFF00000100007F:1F90', '127.0.0.1:8080'],
  ['B80D0120000000000000000001000000:0050', '[2001:db8::1]:80'],
])('%s is %s', (hex, expected) => {
  expect(endpoint(hex)).toBe(expected);
});

test('sockets by inode: whom they are connected to, what the other side has closed, what nobody owns any more', () => {
  const ends = new Map<string, SocketEnd>();
  addInet(TCP, 'tcp', ends);
  addInet(`head\n 0: 00000000:14E9 00000000:0000 07 ${TAIL} 20 2 0`, 'udp', ends);
  addInet(`head\n 0: 00000000:14E9 0101A8C0:0035 01 ${TAIL} 21 2 0`, 'udp', ends);
  expect(Object.fromEntries(ends)).toEqual({
    10: { what: 'listening socket 127.0.0.1:8801', halfClosed: false },
    11: { what: 'connection to 127.0.0.1:5672', halfClosed: false },
    12: { what: 'connection to 127.0.0.1:5672', halfClosed: true },
    20: { what: 'UDP socket', halfClosed: false },
    21: { what: 'UDP socket to 192.168.1.1:53', halfClosed: false },
  });
});

test('unix sockets, also where the path has a space', () => {
  const ends = new Map<string, SocketEnd>();
  addUnix(
    [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '00000000a692075d: 00000003 00000000 00000000 0001 03 2229400',
      '00000000460d0d22: 00000002 00000000 00010000 0001 01  205657 /tmp/a b/shim.sock',
    ].join('\n'),
    ends,
  );
  expect([...ends]).toEqual([
    ['2229400', { what: 'unix socket', halfClosed: false }],
    ['205657', { what: 'unix socket /tmp/a b/shim.sock', halfClosed: false }],
  ]);
});

test('how many there are on the host', () => {
  expect(connectionsIn('sockets: used 250\nTCP: inuse 18 orphan 0 tw 1108 alloc 19 mem 8\nUDP: inuse 0 mem 0\n')).toBe(
    1126,
  );
  expect(connectionsIn('')).toBe(0);
});

test('our own: a connection, a file, how many there are and may be', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const count = countDescriptors(process.pid) ?? 0;
  const file = openSync(import.meta.filename, 'r');
  try {
    expect(countDescriptors(process.pid)).toBe(count + 1);
    const targets = listDescriptors(process.pid);
    expect(targets).toContain(import.meta.filename);
    const ends = readSocketEnds(process.pid);
    const sockets = targets.flatMap((target) => ends.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '') ?? []);
    expect(sockets.map(({ what }) => what)).toContain(`connection to 127.0.0.1:${port}`);
    expect(descriptorLimit(process.pid)).toBeGreaterThan(count);
  } finally {
    closeSync(file);
    socket.destroy();
    server.close();
  }
});

test('of a process that is gone nothing is known', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  const pid = child.pid ?? 0;
  expect([countDescriptors(pid), descriptorLimit(pid), readSocketEnds(pid).size]).toEqual([null, null, 0]);
  expect(() => listDescriptors(pid)).toThrow(/ENOENT/);
});
