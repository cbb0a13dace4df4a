/** A worker, the gate's session and a broker, with byte queues between them; and what may happen to them. */
import * as fc from 'fast-check';
import type { SessionOptions } from '../../../src/gate/connection-state.ts';
import { noTotals } from '../../../src/gate/delivery-ledger.ts';
import type { Session } from '../../../src/gate/session.ts';
import { FakeBroker } from './fake-broker.ts';
import { FakeClient } from './fake-client.ts';

export const MESSAGES = 40;
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

/** What a world needs of its session. */
export type Carrier = Pick<
  Session,
  'fromClient' | 'fromBroker' | 'takeOutput' | 'wantsClient' | 'quiesce' | 'resume' | 'undoClamp' | 'tick'
>;

export const sessionOptions = (clamp: number | null, quietMs: number): SessionOptions => ({
  clamp,
  quietMs,
  heartbeatSeconds: 30,
  isQuiesced: false,
  totals: noTotals(),
  report: () => undefined,
});

export class World<Gate extends Carrier> {
  readonly client = new FakeClient();
  readonly broker = new FakeBroker(MESSAGES);
  readonly session: Gate;
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

  constructor(session: Gate) {
    this.session = session;
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

export const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constantFrom(...DOES), fc.nat(100)) },
    { weight: 8, arbitrary: fc.tuple(fc.constantFrom(...HAPPENS), fc.oneof(fc.nat(30), fc.nat(600), fc.nat(20_000))) },
  ),
  { maxLength: 120, size: 'max' },
);

export function play(world: World<Carrier>, plan: [string, number][]): void {
  for (const [what, amount] of plan) {
    if (DOES.includes(what)) world.client.act(what, amount);
    else world.happen(what as (typeof HAPPENS)[number], amount);
  }
}
