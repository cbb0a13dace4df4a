/** A shim that says exactly what a test wants it to say, on a real socket. */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { JsonLines, encodeLine } from '../../../src/shim/json-lines.ts';
import { PROTOCOL } from '../../../src/shim/protocol.ts';
import { BUILD } from '../../../src/shim/version.ts';
import type { FromShim, IncarnationReport, ToShim } from '../../../src/shim/protocol.ts';

export type Hello = Extract<FromShim, { type: 'hello' }>;

export const helloOf = (fields: Partial<Hello> = {}): Hello => ({
  type: 'hello',
  protocol: PROTOCOL,
  version: 'test',
  build: BUILD,
  pid: 4242,
  bootId: 'boot',
  pidNamespace: 'pid:[1]',
  startedWall: 1_000,
  incarnations: [],
  facts: [],
  ...fields,
});

export const livingOf = (incarnation: string, at: number): IncarnationReport => ({
  note: {
    worker: incarnation.slice(0, incarnation.lastIndexOf('#')),
    program: 'shop',
    number: 1,
    role: 'current',
    specHash: '',
    cause: null,
  },
  incarnation,
  handle: 1,
  pid: 999_999,
  startTime: 1,
  spawnedAt: at,
  spawnedWall: 1,
  phase: 'running',
  ceilings: { softBytes: null, hardBytes: null, killBytes: null, metric: 'rss' },
});

export class FakeShim {
  readonly received: ToShim[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #listeners = new Set<() => void>();

  /** @param answer what to write, in one piece, when a controller says hello; an empty list: nothing */
  constructor(answer: () => FromShim[]) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const lines = new JsonLines(1024 * 1024);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('data', (chunk: Buffer) => {
        for (const message of lines.push(chunk) as ToShim[]) {
          this.received.push(message);
          if (message.type === 'hello') this.#write(socket, answer());
        }
        for (const listener of this.#listeners) listener();
      });
    });
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve) => this.#server.listen(path, resolve));
  }

  say(...messages: FromShim[]): void {
    for (const socket of this.#sockets) this.#write(socket, messages);
  }

  /** Break every connection; new ones are welcome. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resolves once what was received satisfies `holds`. */
  until(holds: (received: readonly ToShim[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!holds(this.received)) return;
        this.#listeners.delete(check);
        resolve();
      };
      this.#listeners.add(check);
      check();
    });
  }

  close(): Promise<void> {
    this.hangUp();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #write(socket: Socket, messages: readonly FromShim[]): void {
    if (messages.length > 0) socket.write(Buffer.concat(messages.map((message) => Buffer.from(encodeLine(message)))));
  }
}
