/** Raw clients of gates of their own, and what the broker says of their queues. */
import { readFileSync, readdirSync } from 'node:fs';
import type { Gate, GateOptions } from '../../../src/gate/open-gate.ts';
import * as wire from '../../unit/gate/wire.ts';
import { RawClient } from './raw-client.ts';
import type { RawOptions } from './raw-client.ts';
import { fill, startGate, until } from './site.ts';
import type { Reported, Site } from './site.ts';

export interface Talk extends Reported {
  gate: Gate;
  client: RawClient;
}

export class Talks {
  #site: Site;
  #open: Talk[] = [];

  constructor(site: Site) {
    this.#site = site;
  }

  /** A gate, and one client of it. */
  async begin(options: RawOptions = {}, gate: Partial<GateOptions> = {}): Promise<Talk> {
    const started = await startGate(this.#site, { quietMs: 0, ...gate });
    const talk = { ...started, client: await RawClient.open(this.#site, started.gate.port, options) };
    this.#open.push(talk);
    return talk;
  }

  /** The same, with all messages of a queue of `count` in flight on channel 1, consumer `c`. */
  async working(
    queue: string,
    count: number,
    options: RawOptions = {},
    gate: Partial<GateOptions> = {},
  ): Promise<Talk> {
    await fill(this.#site, queue, count);
    const talk = await this.begin(options, gate);
    await talk.client.ask(wire.consume(1, queue, 'c'), '60.21');
    await untilInFlight(talk, count);
    return talk;
  }

  async end(): Promise<void> {
    for (const { client } of this.#open) client.socket.destroy();
    await Promise.all(this.#open.splice(0).map(({ gate }) => gate.close()));
  }

  /** What went back comes to its queue when the broker has seen the end of its connection. */
  untilReady(queue: string, count: number): Promise<void> {
    return until(
      async () => (await this.ready(queue)) === count,
      () => `${count} ready in ${queue}`,
    );
  }

  async ready(queue: string): Promise<number> {
    return (await this.#site.channel.checkQueue(queue)).messageCount;
  }

  async consumers(queue: string): Promise<number> {
    return (await this.#site.channel.checkQueue(queue)).consumerCount;
  }

  untilNoConsumer(queue: string): Promise<void> {
    return until(
      async () => (await this.consumers(queue)) === 0,
      () => `no consumer of ${queue}`,
    );
  }

  /** Do this while the broker's node is stopped in its tracks. */
  async whileBrokerStands(what: () => Promise<void>): Promise<void> {
    const { pid } = this.#site.broker;
    process.kill(pid, 'SIGSTOP');
    try {
      await until(
        () => isStopped(pid),
        () => 'the broker stands',
      );
      await what();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }
}

/** All its threads: they stop one after the other (proc(5)), and one that ended meanwhile is looked at no more. */
const isStopped = (pid: number): boolean => {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.every((task) => /\) T /.test(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')));
  } catch {
    return false;
  }
};

export const untilInFlight = ({ gate }: Talk, count: number): Promise<void> =>
  until(
    () => gate.counters().inFlight === count,
    () => `${count} in flight, there are ${gate.counters().inFlight}`,
  );

/** Say this, and wait until the gate has read it. */
export async function sayToGate({ gate, client }: Talk, ...frames: Buffer[]): Promise<void> {
  const before = gate.counters().lastClientFrameAt;
  client.say(...frames);
  await until(
    () => gate.counters().lastClientFrameAt !== before,
    () => 'the gate has read it',
  );
}
