/** When a worker that lost its consumer or connection is said to be deaf, look by look. */
import { beforeEach, expect, it } from 'vitest';
import { DeafnessWatch } from '../../../src/gate/deafness.ts';
import type { GatedConnections } from '../../../src/gate/gated-connections.ts';
import type { Loss, Peer } from '../../../src/gate/reports.ts';

const DEAF_MS = 30_000;
const PEER: Peer = { address: '127.0.0.1', port: 4_711 };

/** What the watch asks of its gate, and of the world. */
const world = {
  loss: null as Loss | null,
  consumers: 0,
  inFlight: 0,
  isQuiesced: false,
  isThere: true,
  unread: [] as Peer[],
};
let asked = 0;
let watch: DeafnessWatch;
beforeEach(() => {
  Object.assign(world, { loss: null, consumers: 0, inFlight: 0, isQuiesced: false, isThere: true, unread: [] });
  asked = 0;
  watch = new DeafnessWatch({
    deafMs: DEAF_MS,
    hasRead: (peer) => Promise.resolve(!world.unread.includes(peer)),
    isBrokerThere: () => {
      asked += 1;
      return Promise.resolve(world.isThere);
    },
  });
});

const connections = {
  get loss() {
    return world.loss;
  },
  get isQuiesced() {
    return world.isQuiesced;
  },
  counters: () => ({ consumers: world.consumers, inFlight: world.inFlight }),
  all: [],
} as unknown as GatedConnections;

const lost = (reason: Loss['reason'] = 'connectionLost'): Loss => {
  const peer = reason === 'connectionLost' ? PEER : null;
  return (world.loss = { reason, text: 'why', at: 0, peer });
};
const isSaidAt = async (seconds: number): Promise<boolean> => (await watch.look(connections, seconds * 1_000)) !== null;

it('says it after its time, and then ever more rarely', async () => {
  lost('consumerCancelled');
  expect(await isSaidAt(29)).toBe(false);
  expect(await isSaidAt(30)).toBe(true);
  expect(await isSaidAt(89)).toBe(false);
  expect(await isSaidAt(90)).toBe(true);
  expect(await isSaidAt(209)).toBe(false);
  expect(await isSaidAt(210)).toBe(true);
  expect(asked).toBe(0);
});

it('says it of a lost connection while the broker is there', async () => {
  lost();
  expect(await isSaidAt(29)).toBe(false);
  expect(asked).toBe(0);
  expect(await isSaidAt(30)).toBe(true);
});

it('never while the broker is away, and not before the worker had time to see it back', async () => {
  lost();
  world.isThere = false;
  for (const seconds of [30, 60, 90, 900]) expect(await isSaidAt(seconds)).toBe(false);
  world.isThere = true;
  expect(await isSaidAt(929)).toBe(false);
  expect(await isSaidAt(930)).toBe(false);
  world.isThere = false;
  expect(await isSaidAt(960)).toBe(false);
  world.isThere = true;
  expect(await isSaidAt(990)).toBe(false);
  expect(await isSaidAt(1_019)).toBe(false);
  expect(await isSaidAt(1_020)).toBe(true);
});

it('not of one that has not read the end of its connection: it may be at work', async () => {
  lost();
  world.unread = [PEER];
  expect(await isSaidAt(300)).toBe(false);
  world.unread = [];
  expect(await isSaidAt(301)).toBe(true);
});

it.each<[string, Partial<typeof world>]>([
  ['consumes by another connection', { consumers: 1 }],
  ['holds messages of another connection', { inFlight: 1 }],
  ['is about to end', { isQuiesced: true }],
])('not of one that %s', async (_name, so) => {
  lost();
  Object.assign(world, so);
  expect(await isSaidAt(60)).toBe(false);
});

it('each loss has its own time', async () => {
  lost();
  expect(await isSaidAt(30)).toBe(true);
  lost().at = 40_000;
  expect(await isSaidAt(69)).toBe(false);
  expect(await isSaidAt(70)).toBe(true);
});
