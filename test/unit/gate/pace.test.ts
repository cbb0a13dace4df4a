/** When a connection rests: never before the worker has earned it, never in a way that it could notice. */
import { beforeEach, expect, it } from 'vitest';
import { Pace } from '../../../src/gate/pace.ts';
import { Talk } from './talk.ts';
import * as wire from './wire.ts';

const WINDOW = 250;

let talk: Talk;
let pace: Pace;
let tag: number;
let oldest: number;

/** The broker hands out so many. */
const deliver = (count: number): void => {
  for (let n = 0; n < count; n += 1) talk.broker(wire.deliver(1, 'c', (tag += 1)));
};
/** The worker settles so many, and the broker fills its window again each time. */
const work = (count: number, settle = wire.ack): void => {
  for (let n = 0; n < count; n += 1) {
    talk.client(settle(1, (oldest += 1)));
    deliver(1);
  }
};
const open = (window: number): void => {
  talk = new Talk();
  [tag, oldest] = [0, 0];
  talk.client(wire.qos(1, window));
  talk.broker(wire.qosOk(1));
  talk.client(wire.consume(1, 'q', 'c'));
  talk.broker(wire.consumeOk(1, 'c'));
  deliver(window);
  pace = new Pace(talk.session.state, () => talk.session.inFlight);
};

beforeEach(() => open(WINDOW));

it('rests after five hundred settlements, and goes on as long as rests bring some, but not many', () => {
  work(499);
  expect(pace.mayRest()).toBe(false);
  work(1);
  expect(pace.mayRest()).toBe(true);
  for (const brought of [2, 12, 62, 20]) {
    work(brought, brought === 12 ? wire.reject : wire.ack);
    expect(pace.mayRest()).toBe(true);
  }
});

it.each([
  ['one that brought a single settlement', 1],
  ['one that brought more than a quarter of what the worker has', 63],
])('%s was the last one for five hundred more', (_what, brought) => {
  work(500);
  expect(pace.mayRest()).toBe(true);
  work(brought);
  expect(pace.mayRest()).toBe(false);
  work(499);
  expect(pace.mayRest()).toBe(false);
  work(1);
  expect(pace.mayRest()).toBe(true);
});

it.each<[string, () => void]>([
  ['publishes', () => void talk.client(wire.publish(1))],
  ['asks for a channel', () => void talk.client(wire.channelOpen(2))],
  ['polls', () => void talk.client(wire.get(1, 'q'))],
])('a worker that %s has to earn it anew', (_what, ask) => {
  work(500);
  expect(pace.mayRest()).toBe(true);
  ask();
  work(499);
  expect(pace.mayRest()).toBe(false);
  work(1);
  expect(pace.mayRest()).toBe(true);
});

it('a heartbeat is nothing that it waits for', () => {
  work(499);
  talk.client(wire.heartbeat);
  work(1);
  expect(pace.mayRest()).toBe(true);
});

it('counts an acknowledgement that comes in two pieces', () => {
  work(499);
  const ack = wire.ack(1, (oldest += 1));
  talk.client(ack.subarray(0, 9));
  talk.client(ack.subarray(9));
  expect(pace.mayRest()).toBe(true);
});

it.each([1, 10, 31])('never with a window of %i', (window) => {
  open(window);
  for (let round = 0; round < 10; round += 1) {
    work(200);
    expect(pace.mayRest()).toBe(false);
  }
});

it('not while it drains', () => {
  work(500);
  talk.quiesce();
  expect(pace.mayRest()).toBe(false);
});
