/**
 * Random legal conversations through a session, cut into random chunks, between a worker that does anything and a broker that
 * forgives nothing; quiesced and resumed at random. Each keeps its own account of what is in flight, the plain way: all three must
 * agree. What went in and what came out is parsed anew as a whole: no byte that is not the gate's own business may differ.
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { noTotals } from '../../../src/gate/delivery-ledger.ts';
import { Session } from '../../../src/gate/session.ts';
import { FakeBroker } from './fake-broker.ts';
import { FakeClient } from './fake-client.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './fuzz.ts';
import * as wire from './wire.ts';

const MESSAGES = 40;
const NOT_BACKED_UP = { client: false, broker: false };

const DOES = [
  ['consume', 'consume', 'consume', 'cancel', 'get', 'qos', 'publish', 'publishLarge'],
  ['ack', 'ack', 'ackMany', 'ackAll', 'requeue', 'reject', 'recover', 'recoverAsync'],
  ['confirmSelect', 'txSelect', 'commit', 'commit', 'rollback', 'close'],
].flat();
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
    if (chunks.length > 0) this.#bytes = Buffer.concat([this.#bytes, ...chunks]);
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
  /** All that was said so far. */
  readonly said = {
    byClient: [] as Buffer[],
    toBroker: [] as Buffer[],
    byBroker: [] as Buffer[],
    toClient: [] as Buffer[],
  };
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
    if (!this.session.wantsClient) return;
    const bytes = this.#fromClient.take(amount);
    this.said.byClient.push(bytes);
    this.session.fromClient(bytes, this.#now);
  }

  #carryBroker(amount: number): void {
    const bytes = this.#fromBroker.take(amount);
    if (bytes.length === 0) return;
    this.said.byBroker.push(bytes);
    this.session.fromBroker(bytes, this.#now);
  }

  #exchange(): void {
    this.#fromClient.put(this.client.out.splice(0));
    const { toBroker, toClient } = this.session.takeOutput();
    this.said.toBroker.push(...toBroker.map((bytes) => Buffer.from(bytes)));
    this.said.toClient.push(...toClient.map((bytes) => Buffer.from(bytes)));
    if (toBroker.length > 0) this.broker.receive(Buffer.concat(toBroker));
    if (toClient.length > 0) this.client.receive(Buffer.concat(toClient));
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

function play(world: World, plan: [string, number][]): void {
  for (const [what, amount] of plan) {
    if (DOES.includes(what)) world.client.act(what, amount);
    else world.happen(what as (typeof HAPPENS)[number], amount);
  }
}

/** Methods that the gate drops, changes, or says itself: heartbeats, tune-ok, qos, consume, cancel, get, ack, nack. */
const TO_BROKER = new Set(['heartbeat', '10.31', '60.10', '60.20', '60.30', '60.70', '60.80', '60.120']);
const TO_CLIENT = new Set(['heartbeat', '60.11', '60.21', '60.31', '60.72']);

/** All but those, byte for byte; of a delivery all but the consumer tag. */
const inviolable = (chunks: Buffer[], except: Set<string>): string =>
  wire
    .framesOf(Buffer.concat(chunks))
    .filter((frame) => !except.has(wire.nameOf(frame)))
    .map((frame) => (wire.nameOf(frame) === '60.60' ? frame.subarray(12 + frame.readUInt8(11)) : frame))
    .map((frame) => frame.toString('latin1'))
    .join('|');

function expectNoByteLost({ said }: World): void {
  const [byClient, toBroker] = [said.byClient, said.toBroker].map((chunks) => Buffer.concat(chunks).subarray(8));
  if (byClient === undefined || toBroker === undefined) throw new Error('nothing was said');
  expect(inviolable([toBroker], TO_BROKER) === inviolable([byClient], TO_BROKER)).toBe(true);
  expect(inviolable(said.toClient, TO_CLIENT) === inviolable(said.byBroker, TO_CLIENT)).toBe(true);
}

/** The worker finishes what it is publishing and settles all it holds. */
function finish(world: World): void {
  const { client } = world;
  for (let round = 0; round < 200; round += 1) {
    for (const [pick, channel] of client.channels.entries()) {
      if (channel.toPublish.length > 0 || channel.unsettled.length > 0) client.act('ack', pick);
      client.act(channel.toPublish.length > 0 ? 'ack' : 'commit', pick);
    }
    world.carryAll();
    if (client.unsettled > 0 || client.channels.some(({ toPublish }) => toPublish.length > 0)) continue;
    for (const pick of client.channels.keys()) client.act('commit', pick);
    return world.carryAll();
  }
  throw new Error('The worker never gets done.');
}

it('counts what the broker counts, and answers everything once', { timeout: FUZZ_TIMEOUT_MS }, () => {
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
    expectNoByteLost(world);
  });
  fuzz({ name: 'conversations', runs: 1_500, sharedBy: 2 }, property);
});

it('once drained, gives the worker nothing; resumed, brings every message once', { timeout: FUZZ_TIMEOUT_MS }, () => {
  const property = fc.property(steps, fc.constantFrom(null, 3), (plan, clamp) => {
    const world = new World(clamp, 0);
    world.client.act('consume', 1);
    world.carryAll();
    play(world, plan);
    world.happen('quiesce', 0);
    world.carryAll();
    finish(world);
    const { obstacle } = world.session;
    if (obstacle !== 'noAck' || !world.client.hasHadNoAck) expect(obstacle).toBeNull();
    expect(world.broker.unacked).toBe(0);

    const { length } = world.broker.delivered;
    for (const pick of [0, 1]) world.client.act('consume', pick + 1);
    for (const pick of [0, 1]) world.client.act('get', pick);
    world.carryAll();
    while (world.broker.deliver()) world.carryAll();
    expect(world.broker.delivered.length).toBe(length);
    expect(world.client.awaited).toBe(0);
    expect(world.session.obstacle).toBe(obstacle);

    world.happen('resume', 0);
    world.carryAll();
    expect(world.session.isRestoring).toBe(false);
    for (let round = 0; round < MESSAGES && world.broker.queue.length > 0; round += 1) {
      while (world.broker.deliver()) world.carryAll();
      finish(world);
    }
    expect(world.broker.settled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: MESSAGES }, (_, id) => id));
    expectNoByteLost(world);
  });
  fuzz({ name: 'drains', runs: 700, sharedBy: 2 }, property);
});
