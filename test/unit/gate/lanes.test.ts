/**
 * The short ways (delivery-lane.ts, settlement-lane.ts) against the general one: two sessions hear the same random conversation in the
 * same chunks, one of them with its short ways closed. After every step both have said the same bytes and reports, and both know the same.
 */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { ConnectionState } from '../../../src/gate/connection-state.ts';
import type * as DeliveryLane from '../../../src/gate/delivery-lane.ts';
import { PoisonTable } from '../../../src/gate/poison-table.ts';
import { PoisonWatch } from '../../../src/gate/poison-watch.ts';
import type { GateReport } from '../../../src/gate/reports.ts';
import { Session } from '../../../src/gate/session.ts';
import type * as SettlementLane from '../../../src/gate/settlement-lane.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './fuzz.ts';
import { World, play, sessionOptions, steps } from './world.ts';
import type { Carrier } from './world.ts';

type Skim = (state: ConnectionState, chunk: Buffer, from: number, maxHeld: number) => number;

/** Both ways under watch: closed at will, and how many bytes they took. */
const lanes = vi.hoisted(() => {
  const watch = { areOpen: true, deliveries: 0, settlements: 0 };
  const watched =
    (what: 'deliveries' | 'settlements', skim: Skim): Skim =>
    (state, chunk, from, maxHeld) => {
      if (!watch.areOpen) return from;
      const to = skim(state, chunk, from, maxHeld);
      watch[what] += to - from;
      return to;
    };
  return { watch, watched };
});

vi.mock('../../../src/gate/delivery-lane.ts', async (original) => {
  const { skimDeliveries, ...rest } = await original<typeof DeliveryLane>();
  return { ...rest, skimDeliveries: lanes.watched('deliveries', skimDeliveries) };
});
vi.mock('../../../src/gate/settlement-lane.ts', async (original) => {
  const { skimSettlements } = await original<typeof SettlementLane>();
  return { skimSettlements: lanes.watched('settlements', skimSettlements) };
});

/** One session, and all that can be known of it. */
class Half {
  readonly session: Session;
  readonly said: { toBroker: Buffer[]; toClient: Buffer[] } = { toBroker: [], toClient: [] };
  readonly #reports: GateReport[] = [];
  readonly #table = new PoisonTable();
  readonly #watch: PoisonWatch | null;
  readonly #totals;

  constructor(clamp: number | null, rejectAfter: number | null | 'no watch') {
    this.#watch = rejectAfter === 'no watch' ? null : new PoisonWatch({ table: this.#table, rejectAfter });
    const options = sessionOptions(clamp, 0);
    this.#totals = options.totals;
    const report = (said: GateReport): void => void this.#reports.push(said);
    this.session = new Session({ ...options, poison: this.#watch, report });
  }

  /** As if the worker died of what it is at; it goes on. */
  die(): void {
    const { channels, now } = this.session.state;
    for (const message of this.#watch?.suspects(channels.values(), now) ?? []) this.#table.died(message, now);
  }

  get known(): unknown {
    const { channels, lastDeliveryAt, lastClientFrameAt, flow, now } = this.session.state;
    const { full, obstacle, inFlight, wantsClient } = this.session;
    return {
      totals: { ...this.#totals },
      reports: this.#reports,
      suspects: this.#watch?.suspects(channels.values(), now),
      rest: [lastDeliveryAt, lastClientFrameAt, flow, full, obstacle, inFlight, wantsClient],
      channels: [...channels.values()].map(
        ({ deliveries, settlements, barrier, due, hasUnprotectedWork, incoming }) => ({
          oldestAt: deliveries.oldestAt,
          highest: deliveries.highest,
          trace: deliveries.oldestTrace,
          settlements,
          barrier,
          due: [...due],
          hasUnprotectedWork,
          incoming: incoming?.is,
        }),
      ),
    };
  }
}

class Twins implements Carrier {
  readonly #halves: [short: Half, general: Half];

  constructor(halves: [Half, Half]) {
    this.#halves = halves;
  }

  get wantsClient(): boolean {
    return this.#halves[0].session.wantsClient;
  }

  fromClient = (chunk: Buffer, now: number): void => this.#both(({ session }) => session.fromClient(chunk, now));
  fromBroker = (chunk: Buffer, now: number): void => this.#both(({ session }) => session.fromBroker(chunk, now));
  quiesce = (now: number): void => this.#both(({ session }) => session.quiesce(now));
  resume = (now: number): void => this.#both(({ session }) => session.resume(now));
  undoClamp = (now: number): void => this.#both(({ session }) => session.undoClamp(now));
  tick: Carrier['tick'] = (now, isBackedUp) => this.#both(({ session }) => session.tick(now, isBackedUp));
  die = (): void => this.#both((half) => half.die());

  takeOutput(): ReturnType<Carrier['takeOutput']> {
    const [short, general] = this.#halves.map(({ session }) => session.takeOutput());
    if (short === undefined || general === undefined) throw new Error('a twin is missing');
    expect(Buffer.concat(short.toBroker).equals(Buffer.concat(general.toBroker))).toBe(true);
    expect(Buffer.concat(short.toClient).equals(Buffer.concat(general.toClient))).toBe(true);
    return short;
  }

  #both(step: (half: Half) => void): void {
    const [short, general] = this.#halves;
    step(short);
    lanes.watch.areOpen = false;
    step(general);
    lanes.watch.areOpen = true;
    // `toEqual` takes far longer, and is asked thousands of times.
    if (!isDeepStrictEqual(short.known, general.known)) expect(short.known).toEqual(general.known);
  }
}

const deaths = fc.array(fc.nat(120), { maxLength: 4 });
const watches = fc.constantFrom(null, 1, 'no watch' as const);

it('come to what the general way comes to', { timeout: FUZZ_TIMEOUT_MS }, () => {
  const property = fc.property(steps, deaths, watches, fc.constantFrom(null, 3), (plan, dies, rejectAfter, clamp) => {
    const twins = new Twins([new Half(clamp, rejectAfter), new Half(clamp, rejectAfter)]);
    const world = new World(twins);
    world.client.act('consume', 1);
    world.carryAll();
    for (const [index, step] of plan.entries()) {
      play(world, [step]);
      if (dies.includes(index)) twins.die();
    }
    world.carryAll();
    for (let pick = 0; pick < 40; pick += 1) world.client.act('ack', pick);
    world.carryAll();
  });
  fuzz({ name: 'lanes', runs: 500, sharedBy: 1 }, property);
  expect(lanes.watch.deliveries).toBeGreaterThan(1_000);
  expect(lanes.watch.settlements).toBeGreaterThan(1_000);
});
