/** A clamp below the batch of its worker: how it is seen, and how it is undone without the worker noticing. */
import { describe, expect, it } from 'vitest';
import { Talk, names } from './talk.ts';
import type { SessionOptions } from '../../../src/gate/connection-state.ts';
import * as wire from './wire.ts';

/** A worker that asked for 50, is clamped to 2, and has its two. */
const full = (options: Partial<SessionOptions> = {}, isGlobal = false): Talk => {
  const talk = new Talk({ clamp: 2, ...options });
  talk.client(wire.qos(1, 50, isGlobal), wire.consume(1, 'q', 'c'));
  talk.broker(wire.qosOk(1), wire.consumeOk(1, 'c'), wire.deliver(1, 'c', 1), wire.deliver(1, 'c', 2));
  return talk;
};

const undo = (talk: Talk): { toBroker: Buffer; toClient: Buffer } => {
  talk.session.undoClamp(talk.now);
  return talk.take();
};

describe('who holds all that the clamp allows', () => {
  it('is full since the last delivery or word', () => {
    const talk = full();
    expect(talk.session.full).toEqual({ limit: 2, asked: 50, inFlight: 2, since: 1_000 });
    talk.now = 2_000;
    talk.client(wire.heartbeat);
    expect(talk.session.full).toMatchObject({ since: 1_000 });
    talk.client(wire.publish(1), wire.header(1, 0));
    expect(talk.session.full).toMatchObject({ since: 2_000 });
  });

  it('also where the worker asked for nothing at all', () => {
    const talk = new Talk({ clamp: 1 });
    talk.client(wire.consume(1, 'q', 'c'));
    talk.broker(wire.qosOk(1), wire.consumeOk(1, 'c'), wire.deliver(1, 'c', 1));
    expect(talk.session.full).toMatchObject({ limit: 1, asked: 0 });
  });

  it.each<[string, (talk: Talk) => unknown]>([
    ['one that has settled a message', (talk) => talk.client(wire.ack(1, 1))],
    ['one that is quiesced', (talk) => talk.quiesce()],
    ['one whose consumer is gone', (talk) => talk.client(wire.cancel(1, 'c'))],
  ])('is not %s', (_name, happens) => {
    const talk = full();
    happens(talk);
    expect(talk.session.full).toBeNull();
  });

  it.each<[string, Partial<SessionOptions>, number]>([
    ['asked for no more than it may have', { clamp: 50 }, 0],
    ['has no clamp', { clamp: null }, 0],
    ['takes messages without acknowledging', {}, 2],
  ])('is not one that %s', (_name, options, flags) => {
    const talk = new Talk({ clamp: 2, ...options });
    talk.client(wire.qos(1, 2), wire.consume(1, 'q', 'c', flags));
    talk.broker(wire.qosOk(1), wire.consumeOk(1, 'c'), wire.deliver(1, 'c', 1), wire.deliver(1, 'c', 2));
    expect(talk.session.full).toBeNull();
  });
});

describe('the probe', () => {
  it('is a heartbeat, and never stands inside a frame', () => {
    const talk = full();
    expect(talk.session.probe()).toBe(true);
    expect(talk.take().toClient).toEqual(wire.heartbeat);
    talk.broker(wire.deliver(1, 'c', 3).subarray(0, -2));
    expect(talk.session.probe()).toBe(false);
    expect(talk.take().toClient.length).toBe(0);
  });
});

describe('undoing the clamp', () => {
  it('asks for what the worker asked for, and consumes anew; the worker sees none of it', () => {
    const talk = full();
    const { toBroker, toClient } = undo(talk);
    expect(toBroker).toEqual(Buffer.concat([wire.qos(1, 50), wire.cancel(1, 'c')]));
    expect(toClient.length).toBe(0);
    expect(talk.broker(wire.qosOk(1)).toClient.length).toBe(0);
    // What comes before the answer counts and passes.
    expect(talk.broker(wire.deliver(1, 'c', 3)).toClient).toEqual(wire.deliver(1, 'c', 3));
    const answered = talk.broker(wire.cancelOk(1, 'c'));
    const anew = wire.consumeTagIn(answered.toBroker);
    expect(answered).toEqual({ toBroker: wire.consume(1, 'q', anew), toClient: Buffer.alloc(0) });
    expect(talk.broker(wire.consumeOk(1, anew)).toClient.length).toBe(0);
    expect(talk.broker(wire.deliver(1, anew, 4)).toClient).toEqual(wire.deliver(1, 'c', 4));
    expect(talk.session.inFlight).toBe(4);
    expect(talk.session.full).toBeNull();
    expect(talk.client(wire.ack(1, 4, true)).toBroker).toEqual(wire.ack(1, 4, true));
    expect(talk.session.inFlight).toBe(0);
  });

  it('holds for what the worker asks for later', () => {
    const talk = full();
    undo(talk);
    expect(talk.client(wire.qos(1, 70)).toBroker).toEqual(wire.qos(1, 70));
    talk.client(wire.channelOpen(2));
    expect(talk.client(wire.consume(2, 'q', 'd')).toBroker).toEqual(wire.consume(2, 'q', 'd'));
  });

  it('for a channel as a whole needs no consumer anew', () => {
    const talk = full({}, true);
    expect(talk.session.full).toMatchObject({ limit: 2, asked: 50 });
    expect(undo(talk).toBroker).toEqual(wire.qos(1, 50, true));
    expect(talk.session.full).toBeNull();
  });

  it('leaves the consumer of a private queue alone, which would vanish with it', () => {
    const talk = new Talk({ clamp: 1 });
    talk.client(wire.declare(1, 'mine', 8), wire.qos(1, 50), wire.consume(1, 'mine', 'c'));
    talk.broker(wire.declareOk(1, 'mine'), wire.qosOk(1), wire.consumeOk(1, 'c'), wire.deliver(1, 'c', 1));
    expect(talk.session.full).toBeNull();
    expect(names(undo(talk).toBroker)).toEqual(['60.10']);
  });

  it('and a quiesce in the middle of it: the consumer stays away until the resume', () => {
    const talk = full();
    undo(talk);
    talk.quiesce();
    expect(talk.broker(wire.qosOk(1), wire.cancelOk(1, 'c')).toBroker.length).toBe(0);
    expect(names(talk.resume().toBroker)).toEqual(['60.20']);
  });
});
