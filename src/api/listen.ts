/**
 * Where the control interface is served: the unix socket, and TCP if workers.yaml says so. The socket is bound under a temporary name
 * and renamed into place, so that nobody ever meets a socket without a listener.
 */
import { chmodSync, chownSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';

const PRIVATE_UMASK = 0o077;
const KEEP_ALIVE_MS = 3_600_000;

export interface SocketOptions {
  path: string;
  mode: number;
  /** Numeric group id; null: leave it. */
  gid: number | null;
}

const serverOf = (app: Hono): Server => {
  // Without a hostname the adapter answers 400 to the empty Host header that supervisorctl sends with `tail -f`.
  const server = createAdaptorServer({ fetch: app.fetch, hostname: 'localhost' }) as Server;
  // `supervisorctl fg` keeps one connection and sends on it whenever the person types, with no second try.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
};

/** Listen; replaces a stale socket. The caller holds controller.lock, so no living controller can own one at this path. */
export const listenOnSocket = (app: Hono, socket: SocketOptions): Promise<Server> => {
  const server = serverOf(app);
  const temporary = `${socket.path}.${process.pid}`;
  // In a container our pid is the same each time: an earlier run of that pid may have died between bind and rename.
  rmSync(temporary, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(PRIVATE_UMASK);
    server.listen(temporary, () => {
      server.off('error', reject);
      server.on('error', (error) => process.stderr.write(`ackwarden: the control socket failed: ${error.message}\n`));
      try {
        if (socket.gid !== null) chownSync(temporary, -1, socket.gid);
        chmodSync(temporary, socket.mode);
        renameSync(temporary, socket.path);
        resolve(server);
      } catch (error) {
        server.close();
        reject(new Error(`the control socket ${socket.path} cannot be put in place: ${(error as Error).message}`));
      }
    });
    process.umask(before);
  });
};

/** @throws a sentence when the address cannot be used */
export const listenOnTcp = (app: Hono, { host, port }: { host: string; port: number }): Promise<Server> => {
  const server = serverOf(app);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(new Error(`http.listen: ${host}:${port} cannot be listened on: ${why}`));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      server.on('error', (error) => process.stderr.write(`ackwarden: ${host}:${port} failed: ${error.message}\n`));
      resolve(server);
    });
  });
};
