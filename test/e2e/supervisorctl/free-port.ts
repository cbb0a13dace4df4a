/** A TCP port of the loopback interface that nobody listened on a moment ago, and that no outgoing connection is given. */
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that Linux takes for outgoing connections (ip_local_port_range). */
const [FIRST, LAST] = [15_000, 32_000];

export const freePort = async (): Promise<number> => {
  const port = randomInt(FIRST, LAST);
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return freePort();
  }
  server.close();
  await once(server, 'close');
  return port;
};
