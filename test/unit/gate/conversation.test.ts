/**
 * Random legal conversations through a session, cut into random chunks, between a worker that does anything and a broker that
 * forgives nothing; quiesced and resumed at random. Each keeps its own account of what is in flight, the plain way: all three must
 * agree. What went in and what came out is parsed anew as a whole: no byte that is not the gate's own business may differ.
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Session } from '../../../src/gate/session.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './fuzz.ts';
import * as wire from './wire.ts';
import { MESSAGES, World, play, sessionOptions, steps } from './world.ts';

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

function expectNoByteLost({ said }: World<Session>): void {
  const [byClient, toBroker] = [said.byClient, said.toBroker].map((chunks) => Buffer.concat(chunks).subarray(8));
  if (byClient === undefined || toBroker === undefined) throw new Error('nothing was said');
  expect(inviolable([toBroker], TO_BROKER) === inviolable([byClient], TO_BROKER)).toBe(true);
  expect(inviolable(said.toClient, TO_CLIENT) === inviolable(said.byBroker, TO_CLIENT)).toBe(true);
}

/** The worker finishes what it is publishing and settles all it holds. */
function finish(world: World<Session>): void {
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
    const world = new World(new Session(sessionOptions(clamp, quietMs)));
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
    const world = new World(new Session(sessionOptions(clamp, 0)));
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
