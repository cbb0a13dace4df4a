/**
 * The unix socket that the controller attaches to. One controller at a time: a new one replaces the old when it has said hello. Facts
 * it did not acknowledge stay with us, so nothing here needs to survive a broken connection.
 */
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { JsonLines, encodeLine } from './json-lines.ts';
import { parseMessage, subjectOf } from './messages.ts';
import type { Fact, FromShim, ToShim } from './protocol.ts';
import type { SamplesMessage } from './samples-message.ts';
import { shimLog } from './shim-log.ts';

const MAX_LINE_BYTES = 8 * 1024 * 1024;
/** More than this unread in the socket: the controller is stopped or busy, samples are of no use to it. */
const BACKED_UP_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 16;
const PRIVATE_UMASK = 0o077;
/** Who connects and says no hello makes room for who does. */
const HELLO_DEADLINE_MS = 10_000;
/** sockaddr_un, less the zero byte (unix(7)). */
const MAX_PATH_BYTES = 107;

export type Hello = Extract<FromShim, { type: 'hello' }>;
export type Command = Exclude<ToShim, { type: 'hello' }>;

export interface ControllerLinkListener {
  hello(): Hello;
  /** A controller was told hello. */
  attached(): void;
  /** Carry a command out; throws a sentence when that is not possible. `answer` reaches the controller that asked, if it is still there. */
  command(command: Command, answer: (message: FromShim) => void): void;
}

export class ControllerLink {
  readonly #server: Server;
  readonly #listener: ControllerLinkListener;
  #controller: Socket | null = null;

  constructor(listener: ControllerLinkListener) {
    this.#listener = listener;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Bind under a temporary name with mode 0600, then rename into place: who finds the socket finds it ready and private. */
  listen(path: string): Promise<void> {
    // Only the holder of shim.lock gets here: one name is enough.
    const temporary = `${path}~`;
    if (Buffer.byteLength(temporary) > MAX_PATH_BYTES) {
      throw new Error(
        `The socket path ${path} is too long: expected at most ${MAX_PATH_BYTES - 1} bytes. Set a shorter stateDir.`,
      );
    }
    rmSync(temporary, { force: true });
    return new Promise((settle, fail) => {
      this.#server.once('error', fail);
      const before = process.umask(PRIVATE_UMASK);
      this.#server.listen(temporary, () => {
        this.#server.off('error', fail);
        this.#server.on('error', (error) => shimLog(`The socket failed: ${error.message}`));
        try {
          chmodSync(temporary, 0o600);
          renameSync(temporary, path);
          settle();
        } catch (error) {
          fail(new Error(`The socket ${path} could not be put in place.`, { cause: error }));
        }
      });
      process.umask(before);
    });
  }

  get isAttached(): boolean {
    return this.#controller !== null;
  }

  /** Whether samples are wanted: a controller is attached and reads. */
  get wantsSamples(): boolean {
    return this.#controller !== null && this.#controller.writableLength < BACKED_UP_BYTES;
  }

  sendFact(fact: Fact): void {
    this.#controller?.write(encodeLine({ type: 'fact', fact } satisfies FromShim));
  }

  sendSamples(message: SamplesMessage): void {
    this.#controller?.write(encodeLine(message));
  }

  /** False: there is no controller. */
  sendOutput(seq: number, bytes: string): boolean {
    if (this.#controller === null) return false;
    this.#controller.write(encodeLine({ type: 'output', seq, bytes } satisfies FromShim));
    return true;
  }

  /** Stop listening; resolves when the attached controller has got everything, or after `timeoutMs`. */
  close(timeoutMs: number): Promise<void> {
    this.#server.close();
    const controller = this.#controller;
    if (controller === null) return Promise.resolve();
    return new Promise((settle) => {
      const late = setTimeout(settle, timeoutMs);
      controller.end(() => {
        clearTimeout(late);
        settle();
      });
    });
  }

  #accept(socket: Socket): void {
    const lines = new JsonLines(MAX_LINE_BYTES);
    socket.setTimeout(HELLO_DEADLINE_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const value of lines.push(chunk)) this.#receive(socket, value);
      } catch (error) {
        this.#refuse(socket, null, error);
        socket.end();
      }
    });
    socket.on('drain', () => socket.resume());
    socket.on('error', (error) => shimLog(`The connection of a controller broke: ${error.message}`));
    socket.on('close', () => {
      if (this.#controller === socket) this.#controller = null;
    });
  }

  #receive(socket: Socket, value: unknown): void {
    if (socket.destroyed) return;
    try {
      const message = parseMessage(value);
      if (message.type === 'hello') this.#attach(socket);
      else if (this.#controller !== socket) throw new Error('Say hello first, or be replaced by another controller.');
      else this.#listener.command(message, (answer) => socket.writable && socket.write(encodeLine(answer)));
    } catch (error) {
      this.#refuse(socket, value, error);
    }
  }

  #attach(socket: Socket): void {
    const before = this.#controller;
    this.#controller = socket;
    socket.setTimeout(0);
    if (before !== null && before !== socket) before.destroy();
    socket.write(encodeLine(this.#listener.hello()));
    this.#listener.attached();
  }

  #refuse(socket: Socket, value: unknown, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    socket.write(encodeLine({ type: 'refused', ...subjectOf(value), text } satisfies FromShim));
    // Whoever sends nonsense without reading the answers is not read any further until it does.
    if (socket.writableLength > BACKED_UP_BYTES) socket.pause();
  }
}
