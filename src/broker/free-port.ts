import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { errorCode } from '../linux/proc-file.ts';

/** Two different ports of `host` that nobody listens on now; `wanted` ones are kept where they are free. */
export async function freePorts(host: string, wanted: readonly [number, number] | null): Promise<[number, number]> {
  const first = await hold(host, wanted?.[0] ?? 0);
  const second = await hold(host, wanted?.[1] ?? 0);
  const ports: [number, number] = [portOf(first), portOf(second)];
  await Promise.all([first, second].map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function hold(host: string, port: number): Promise<Server> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (port !== 0 && ['EADDRINUSE', 'EACCES'].includes(errorCode(error) ?? '')) return hold(host, 0);
    throw error;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A listening TCP server has no port.');
  return address.port;
}
