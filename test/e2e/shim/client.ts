/** A controller for tests: speaks the protocol and waits for what it is told. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { JsonLines, encodeLine } from '../../../src/shim/json-lines.ts';
import type { Fact, FactBody, FromShim, ToShim } from '../../../src/shim/protocol.ts';

const DEADLINE_MS = 60_000;

export type FactOf<K extends FactBody['kind']> = Extract<Fact, { kind: K }>;
export type HelloFromShim = Extract<FromShim, { type: 'hello' }>;

interface Waiter {
  look: () => boolean;
  fail: (error: Error) => void;
}

export class ShimClient {
  readonly socket: Socket;
  /** Everything received, oldest first. */
  readonly received: FromShim[] = [];
  readonly closed: Promise<void>;
  readonly #waiters = new Set<Waiter>();

  private constructor(socket: Socket) {
    this.socket = socket;
    const lines = new JsonLines(64 * 1024 * 1024);
    socket.on('data', (chunk: Buffer) => {
      for (const value of lines.push(chunk)) this.received.push(value as FromShim);
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((settle) => {
      socket.on('close', () => settle());
    });
  }

  static async connect(path: string): Promise<ShimClient> {
    const socket = connect(path);
    await new Promise<void>((settle, fail) => {
      socket.once('connect', settle);
      socket.once('error', fail);
    });
    return new ShimClient(socket);
  }

  /** Connect and say hello. */
  static async attach(path: string): Promise<{ client: ShimClient; hello: HelloFromShim }> {
    const client = await ShimClient.connect(path);
    client.send({ type: 'hello', protocol: 1, version: 'test', pid: process.pid });
    const hello = await client.message('hello');
    return { client, hello };
  }

  send(message: ToShim): void {
    this.socket.write(encodeLine(message));
  }

  get facts(): Fact[] {
    return this.received.flatMap((message) =>
      message.type === 'fact' ? [message.fact] : message.type === 'hello' ? message.facts : [],
    );
  }

  /** Wait until `find` gives something. Looks again at every message; fails after the deadline. */
  until<T>(what: string, find: () => T | undefined, deadlineMs = DEADLINE_MS): Promise<T> {
    return new Promise((settle, fail) => {
      const waiter: Waiter = {
        look: () => {
          const found = find();
          if (found === undefined) return false;
          clearTimeout(timer);
          settle(found);
          return true;
        },
        fail,
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        fail(new Error(`Waited in vain for ${what}; got ${JSON.stringify(this.received.slice(-8))}`));
      }, deadlineMs);
      if (!waiter.look()) this.#waiters.add(waiter);
    });
  }

  message<T extends FromShim['type']>(type: T): Promise<Extract<FromShim, { type: T }>> {
    return this.until(`a message ${type}`, () =>
      this.received.find((message): message is Extract<FromShim, { type: T }> => message.type === type),
    );
  }

  fact<K extends FactBody['kind']>(kind: K, incarnation?: string): Promise<FactOf<K>> {
    return this.until(`the fact ${kind} of ${incarnation ?? 'anyone'}`, () =>
      this.facts.find((fact): fact is FactOf<K> => {
        if (fact.kind !== kind) return false;
        return incarnation === undefined || ('incarnation' in fact && fact.incarnation === incarnation);
      }),
    );
  }

  close(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const waiter of this.#waiters) if (waiter.look()) this.#waiters.delete(waiter);
  }
}
