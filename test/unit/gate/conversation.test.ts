/**
 * Random legal conversations through a session, cut into random chunks, between a worker that does anything and a broker that
 * forgives nothing; quiesced and resumed at random. FUZZ_RUNS=n for a longer run.
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { noTotals } from '../../../src/gate/delivery-ledger.ts';
import { Session } from '../../../src/gate/session.ts';
import { FakeBroker } from './fake-broker.ts';
import { FakeClient } from './fake-client.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000);
const MESSAGES = 40;
const NOT_BACKED_UP = { client: false, broker: false };

const DOES = ['consume', 'cancel', 'get', 'qos', 'publish', 'ack', 'ackMany', 'ackAll', 'requeue'] as const;
const HAPPENS = [
  'work',
  'work',
  'work',
  'quiesce',
  'resume',
  'undoClamp',
  'tick',
  'carryClient',
  'carryBroker',
  'carryBroker',
] as const;

/** Byte queues between the four: what is written arrives in chunks of any size. */
class Pipe {
  #bytes: Buffer = Buffer.alloc(0);

  put(chunks: Buffer[]): void {
    this.#bytes = Buffer.concat([this.#bytes, ...chunks]);
  }

  take(size: number): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, size));
    this.#bytes = this.#bytes.subarray(taken.length);
    return taken;
  }

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }
}

class World {
  readonly client = new FakeClient();
  readonly broker = new FakeBroker(MESSAGES);
  readonly session: Session;
  #fromClient = new Pipe();
  #fromBroker = new Pipe();
  #now = 0;

  constructor(clamp: number | null, quietMs: number) {
    const options = { clamp, quietMs, heartbeatSeconds: 30, isQuiesced: false, totals: noTotals() };
    this.session = new Session({ ...options, report: () => undefined });
    this.carryAll();
  }

  happen(what: (typeof HAPPENS)[number], amount: number): void {
    if (what === 'work') this.broker.work();
    if (what === 'quiesce') this.session.quiesce(this.#now);
    if (what === 'resume') this.session.resume(this.#now);
    if (what === 'undoClamp') this.session.undoClamp(this.#now);
    if (what === 'tick') this.#tick(amount);
    if (what === 'carryClient') this.#carryClient(amount);
    if (what === 'carryBroker') this.#carryBroker(amount);
    this.#exchange();
  }

  /** Until nothing moves any more. The client says no more of its own accord. */
  carryAll(): void {
    for (let idle = 0; idle < 3;) {
      this.#exchange();
      const isStill =
        this.#fromClient.isEmpty && this.#fromBroker.isEmpty && this.broker.isIdle && this.client.out.length === 0;
      idle = isStill ? idle + 1 : 0;
      this.#carryClient(1_000_000);
      this.#carryBroker(1_000_000);
      if (!this.broker.isIdle) this.broker.work();
      this.#tick(300);
    }
  }

  #tick(ms: number): void {
    this.#now += ms;
    // Heartbeats are not the matter here: keep the broker's side alive.
    this.session.tick(this.#now, { ...NOT_BACKED_UP, client: true });
  }

  #carryClient(amount: number): void {
    if (this.session.wantsClient) this.session.fromClient(this.#fromClient.take(amount), this.#now);
  }

  #carryBroker(amount: number): void {
    const bytes = this.#fromBroker.take(amount);
    if (bytes.length > 0) this.session.fromBroker(bytes, this.#now);
  }

  #exchange(): void {
    this.#fromClient.put(this.client.out.splice(0));
    const { toBroker, toClient } = this.session.takeOutput();
    this.broker.receive(Buffer.concat(toBroker));
    this.client.receive(Buffer.concat(toClient));
    this.#fromClient.put(this.client.out.splice(0));
    this.#fromBroker.put(this.broker.out.splice(0));
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constantFrom(...DOES), fc.nat(100)) },
    { weight: 8, arbitrary: fc.tuple(fc.constantFrom(...HAPPENS), fc.oneof(fc.nat(30), fc.nat(600))) },
  ),
  { maxLength: 120, size: 'max' },
);

const isDoing = (what: string): what is (typeof DOES)[number] => (DOES as readonly string[]).includes(what);

function play(world: World, plan: [string, number][]): void {
  for (const [what, amount] of plan) {
    if (isDoing(what)) world.client.act(what, amount);
    else world.happen(what as (typeof HAPPENS)[number], amount);
  }
}

/** The worker finishes what it is publishing and settles all it holds. */
function finish(world: World): void {
  for (let round = 0; round < 200; round += 1) {
    for (const pick of [0, 1]) {
      const channel = world.client.channels[pick];
      if ((channel?.toPublish.length ?? 0) > 0 || (channel?.unsettled.length ?? 0) > 0) world.client.act('ack', pick);
    }
    world.carryAll();
    if (world.client.unsettled === 0 && world.client.channels.every(({ toPublish }) => toPublish.length === 0)) return;
  }
  throw new Error('The worker never gets done.');
}

it('counts what the broker counts, and answers everything once', { timeout: 300_000 }, () => {
  const clamps = fc.constantFrom(null, 1, 5);
  const property = fc.property(steps, clamps, fc.constantFrom(0, 50), (plan, clamp, quietMs) => {
    const world = new World(clamp, quietMs);
    play(world, plan);
    world.carryAll();
    expect(world.session.inFlight).toBe(world.broker.unacked);
    expect(world.session.inFlight).toBe(world.client.unsettled);
    expect(world.client.awaited).toBe(0);
    expect(world.client.handed).toEqual(world.broker.delivered);
    expect(world.session.state.totals.delivered).toBe(world.broker.delivered.length);
    expect(world.broker.published).toBe(world.client.published);
  });
  fc.assert(property, { numRuns: RUNS });
});

it('once drained, gives the worker nothing; resumed, brings every message once', { timeout: 300_000 }, () => {
  const property = fc.property(steps, fc.constantFrom(null, 3), (plan, clamp) => {
    const world = new World(clamp, 0);
    world.client.act('consume', 1);
    world.carryAll();
    play(world, plan);
    world.happen('quiesce', 0);
    world.carryAll();
    finish(world);
    expect(world.session.obstacle).toBeNull();
    expect(world.broker.unacked).toBe(0);

    const { length } = world.broker.delivered;
    for (const pick of [0, 1]) world.client.act('consume', pick + 1);
    for (const pick of [0, 1]) world.client.act('get', pick);
    world.carryAll();
    while (world.broker.deliver()) world.carryAll();
    expect(world.broker.delivered.length).toBe(length);
    expect(world.client.awaited).toBe(0);
    expect(world.session.obstacle).toBeNull();

    world.happen('resume', 0);
    world.carryAll();
    expect(world.session.isRestoring).toBe(false);
    for (let round = 0; round < MESSAGES && world.broker.queue.length > 0; round += 1) {
      while (world.broker.deliver()) world.carryAll();
      finish(world);
    }
    expect(world.broker.settled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: MESSAGES }, (_, id) => id));
  });
  fc.assert(property, { numRuns: RUNS });
});
