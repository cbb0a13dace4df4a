/** Which end of a connection leaves its worker deaf, if it does not come back. */
import { expect, it } from 'vitest';
import type { Connection } from '../../../src/gate/connection.ts';
import { GatedConnections } from '../../../src/gate/gated-connections.ts';
import { Talk } from './talk.ts';
import * as wire from './wire.ts';

const END = {
  peer: { address: '127.0.0.1', port: 4_711 },
  unacknowledged: 0,
  text: 'The broker closed the connection.',
};

const fleet = (): GatedConnections =>
  new GatedConnections({ now: () => 5_000, stuckMs: 5_000, clamp: null, poison: null, onReport: () => undefined });

const consuming = (): Talk => {
  const talk = new Talk();
  talk.client(wire.consume(1, 'q', 'c'));
  talk.broker(wire.consumeOk(1, 'c'));
  return talk;
};

const asked = (): Talk => {
  const talk = new Talk();
  talk.client(wire.get(1, 'q'));
  talk.broker(wire.getEmpty(1));
  return talk;
};

const ended = (connections: GatedConnections, { session }: Talk): void =>
  connections.remove({ session } as Connection, END);

it.each<[string, Talk]>([
  ['breaks', consuming()],
  ['was polled, and breaks', asked()],
])('one that %s is a loss', (_name, talk) => {
  const connections = fleet();
  ended(connections, talk);
  expect(connections.loss).toEqual({ reason: 'connectionLost', text: END.text, at: 5_000, peer: END.peer });
});

it('one that the broker closes is a loss, though the worker agrees', () => {
  const talk = consuming();
  talk.broker(wire.connectionClose);
  talk.client(wire.connectionCloseOk);
  talk.session.clientGone(talk.now, 'gone');
  const connections = fleet();
  ended(connections, talk);
  expect(connections.loss).toMatchObject({ reason: 'connectionLost' });
});

it('one that the worker closes is none', () => {
  const talk = consuming();
  talk.client(wire.connectionClose);
  talk.broker(wire.connectionCloseOk);
  const connections = fleet();
  ended(connections, talk);
  expect(connections.loss).toBeNull();
});

it('one that the worker just leaves is none', () => {
  const talk = consuming();
  talk.session.clientGone(talk.now, 'gone');
  const connections = fleet();
  ended(connections, talk);
  expect(connections.loss).toBeNull();
});

it('one on which nothing was consumed is none', () => {
  const connections = fleet();
  ended(connections, new Talk());
  expect(connections.loss).toBeNull();
});

it('none is one in a drain', () => {
  const connections = fleet();
  connections.quiesce();
  ended(connections, consuming());
  expect(connections.loss).toBeNull();
  connections.closeAll();
});

it('who consumes again has got over it', () => {
  const connections = fleet();
  ended(connections, consuming());
  connections.report({ kind: 'consuming' });
  expect(connections.loss).toBeNull();
});
