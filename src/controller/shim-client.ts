/**
 * Our end of the socket to the shim. One life: connected (`hello` was answered) until the socket closes; whoever owns it connects
 * anew. Messages to a closed connection are dropped: the next attach finds out what did not happen.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from '../linux/clock.ts';
import { JsonLines, encodeLine } from '../shim/json-lines.ts';
import { PROTOCOL } from '../shim/protocol.ts';
import type { FromShim, ToShim } from '../shim/protocol.ts';

export type Hello = Extract<FromShim, { type: 'hello' }>;
export type Told = Exclude<FromShim, { type: 'hello' }>;

/** An attach of 10,000 workers with all their unacknowledged facts stays far below this. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const CONNECT_EVERY_MS = 15;
/** A shim answers at once; one that was stopped (SIGSTOP) takes connections and never does. */
const HELLO_DEADLINE_MS = 10_000;

export interface ShimListener {
  /** Called as soon as the hello is read, before any message behind it: a fact must never be heard ahead of its attach. */
  hello: (client: ShimClient) => void;
  message: (message: Told) => void;
  closed: () => void;
}

interface Door {
  path: string;
  version: string;
  listener: ShimListener;
  helloDeadlineMs?: number;
}

export class ShimClient {
  readonly hello: Hello;
  readonly #socket: Socket;

  private constructor(socket: Socket, hello: Hello) {
    this.#socket = socket;
    this.hello = hello;
  }

  send(message: ToShim): void {
    if (this.#socket.writable) this.#socket.write(encodeLine(message));
  }

  close(): void {
    this.#socket.end();
  }

  /**
   * Connect once and say hello; null if nobody answers at the path.
   *
   * @throws with a sentence where a shim is there and cannot be talked to: it is silent, refuses us, or speaks another protocol
   */
  static async attach(door: Door): Promise<ShimClient | null> {
    const socket = await connectOnce(door.path);
    if (socket === null) return null;
    return new Promise((resolve, reject) => {
      const lines = new JsonLines(MAX_LINE_BYTES);
      let client: ShimClient | null = null;
      const fail = (text: string): void => {
        reject(new Error(text));
        socket.destroy();
      };
      const late = setTimeout(() => fail(silence(door)), door.helloDeadlineMs ?? HELLO_DEADLINE_MS);
      const take = (message: FromShim): void => {
        if (message.type !== 'hello') {
          if (client !== null) door.listener.message(message);
          else if (message.type === 'refused') fail(`the shim at ${door.path} refused us: ${message.text}`);
          return;
        }
        if (client !== null) return;
        clearTimeout(late);
        const foreign = foreignProtocol(message);
        if (foreign !== null) {
          fail(foreign);
          return;
        }
        client = new ShimClient(socket, message);
        door.listener.hello(client);
        resolve(client);
      };
      socket.on('data', (chunk: Buffer) => {
        try {
          for (const message of lines.push(chunk) as FromShim[]) if (!socket.destroyed) take(message);
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
      socket.on('error', (error) =>
        process.stderr.write(`ackwarden: the connection to the shim broke: ${error.message}\n`),
      );
      socket.on('close', () => {
        clearTimeout(late);
        if (client === null) resolve(null);
        else door.listener.closed();
      });
      socket.write(encodeLine({ type: 'hello', protocol: PROTOCOL, version: door.version, pid: process.pid }));
    });
  }

  /** Try until somebody answers; gives up at the deadline, when cancelled, or when `hopeless` resolves with the reason. */
  static async attachWithin(
    door: Door,
    until: { deadlineMs: number; hopeless: Promise<string>; cancelled: AbortSignal },
  ): Promise<ShimClient> {
    const end: { reason: string | null } = { reason: null };
    void until.hopeless.then((text) => (end.reason = text));
    const deadline = monotonicMs() + until.deadlineMs;
    while (end.reason === null && monotonicMs() < deadline && !until.cancelled.aborted) {
      const client = await ShimClient.attach(door);
      if (client !== null) return client;
      await pause(CONNECT_EVERY_MS);
    }
    throw new Error(`the shim did not start: ${end.reason ?? `nothing answers at ${door.path}`}`);
  }
}

const silence = ({ path, helloDeadlineMs = HELLO_DEADLINE_MS }: Door): string =>
  `the shim at ${path} takes connections and does not answer within ${helloDeadlineMs / 1000} s; is its process stopped (state T in ps)? Let it go on with kill -CONT`;

/** Null where we understand each other: the shim may be of this protocol or of the one before (docs/design.md, section 2). */
const foreignProtocol = ({ protocol, version, pid }: Hello): string | null =>
  protocol === PROTOCOL || protocol === PROTOCOL - 1
    ? null
    : `the running shim (pid ${pid}, version ${version}) speaks protocol ${protocol}, expected ${PROTOCOL}; run the version of ackwarden that started it, or end it with its workers first: kill ${pid}`;

const connectOnce = (path: string): Promise<Socket | null> =>
  new Promise((resolve) => {
    const socket = connect(path);
    const fail = (): void => resolve(null);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
