/** The bench's end of agent.php: asks one thing after another. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { going, onEnd } from '../cleanup.ts';

export type Library = 'php' | 'ext';

export interface Consume {
  queue: string;
  prefetch: number;
  count: number;
  workUs: number;
}

/** When it began (seconds of CLOCK_MONOTONIC), and what it took in µs. */
export type Trip = [at: number, us: number];

interface Hello {
  name: string;
  libraries: Library[];
}

export class Agent {
  readonly name: string;
  /** The AMQP libraries it has. */
  readonly libraries: Library[];
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor({ name, libraries }: Hello, socket: Socket, lines: AsyncIterator<string>) {
    this.name = name;
    this.libraries = libraries;
    this.#socket = socket;
    this.#lines = lines;
  }

  open = (library: Library): Promise<unknown> => this.#ask({ do: 'open', library });
  close = (): Promise<unknown> => this.#ask({ do: 'close' });
  hold = (count: number, queue: string): Promise<unknown> => this.#ask({ do: 'hold', count, queue });

  /** Seconds from the first message to the last acknowledgement. */
  async consume(run: Consume): Promise<number> {
    return ((await this.#ask({ do: 'consume', ...run })) as { seconds: number }).seconds;
  }

  /** Round trips for so long, or until `enough`. */
  async trips(seconds: number): Promise<Trip[]> {
    return ((await this.#ask({ do: 'trips', seconds })) as { trips: Trip[] }).trips;
  }

  /** Ends `trips` early. */
  enough(): void {
    this.#say({ do: 'enough' });
  }

  async #ask(what: Record<string, unknown>): Promise<unknown> {
    this.#say(what);
    return read(this.#lines, this.name);
  }

  #say(what: Record<string, unknown>): void {
    this.#socket.write(`${JSON.stringify(what)}\n`);
  }
}

const read = async (lines: AsyncIterator<string>, name: string): Promise<unknown> => {
  const next = await lines.next();
  if (next.done === true) throw new Error(`the agent ${name} ended`);
  return JSON.parse(next.value);
};

/** Where agents come to; ended with the part. */
export class Agents {
  readonly path: string;
  readonly #waiting = new Map<string, (agent: Agent) => void>();

  private constructor(path: string) {
    this.path = path;
  }

  static async listen(path: string): Promise<Agents> {
    going();
    const agents = new Agents(path);
    const server = createServer((socket) => void agents.#greet(socket));
    server.listen(path);
    await once(server, 'listening');
    onEnd(() => void server.close());
    return agents;
  }

  /** Resolves once an agent with this name comes. */
  next(name: string): Promise<Agent> {
    return new Promise((resolve) => this.#waiting.set(name, resolve));
  }

  async #greet(socket: Socket): Promise<void> {
    // Its end is told by the lines.
    socket.on('error', () => undefined);
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const hello = (await read(lines, 'that just came')) as Hello;
    this.#waiting.get(hello.name)?.(new Agent(hello, socket, lines));
  }
}
