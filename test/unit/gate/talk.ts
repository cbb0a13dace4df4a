/** A session past its handshake, spoken to in frames. */
import { noTotals } from '../../../src/gate/delivery-ledger.ts';
import type { GateReport } from '../../../src/gate/reports.ts';
import { Session } from '../../../src/gate/session.ts';
import type { SessionOptions } from '../../../src/gate/connection-state.ts';
import * as wire from './wire.ts';

export const NOT_BACKED_UP = { client: false, broker: false };

export class Talk {
  readonly reports: GateReport[] = [];
  readonly session: Session;
  now = 1_000;

  constructor(options: Partial<SessionOptions> = {}, channels = [1]) {
    this.session = new Session({
      clamp: null,
      quietMs: 0,
      heartbeatSeconds: 30,
      isQuiesced: false,
      totals: noTotals(),
      report: (report) => void this.reports.push(report),
      ...options,
    });
    this.client(wire.PREAMBLE);
    this.broker(wire.tune(60));
    this.client(wire.tuneOk(0));
    this.broker(wire.openOk);
    for (const channel of channels) {
      this.client(wire.channelOpen(channel));
      this.broker(wire.channelOpenOk(channel));
    }
    this.take();
  }

  /** The worker says this; returns what both sides get. */
  client(...frames: Buffer[]): { toBroker: Buffer; toClient: Buffer } {
    this.session.fromClient(Buffer.concat(frames), this.now);
    return this.take();
  }

  broker(...frames: Buffer[]): { toBroker: Buffer; toClient: Buffer } {
    this.session.fromBroker(Buffer.concat(frames), this.now);
    return this.take();
  }

  quiesce(): { toBroker: Buffer; toClient: Buffer } {
    this.session.quiesce(this.now);
    return this.take();
  }

  resume(): { toBroker: Buffer; toClient: Buffer } {
    this.session.resume(this.now);
    return this.take();
  }

  tick(ms: number): { toBroker: Buffer; toClient: Buffer } {
    this.now += ms;
    this.session.tick(this.now, NOT_BACKED_UP);
    return this.take();
  }

  take(): { toBroker: Buffer; toClient: Buffer } {
    const { toBroker, toClient } = this.session.takeOutput();
    return { toBroker: Buffer.concat(toBroker), toClient: Buffer.concat(toClient) };
  }
}

/** Method names of what was sent, e.g. `60.30` for basic.cancel. */
export const names = (bytes: Buffer): string[] => wire.framesOf(bytes).map(wire.nameOf);

export type Step = ['client' | 'broker', ...Buffer[]];

/** A consumer with three deliveries, the second of them redelivered. */
export const three: Step[] = [
  ['client', wire.consume(1, 'q', 'c')],
  ['broker', wire.consumeOk(1, 'c'), wire.deliver(1, 'c', 1), wire.deliver(1, 'c', 2, true), wire.deliver(1, 'c', 3)],
];

/** A worker with a consumer, one message in flight. */
export const working = (options: ConstructorParameters<typeof Talk>[0] = {}): Talk => {
  const talk = new Talk(options, [1, 2]);
  talk.client(wire.consume(1, 'q', 'c'));
  talk.broker(wire.consumeOk(1, 'c'), wire.deliver(1, 'c', 1));
  return talk;
};

/** Answer every cancel the gate sent, as the broker does. */
export const answer = (talk: Talk, bytes: Buffer): { toBroker: Buffer; toClient: Buffer } =>
  talk.broker(
    ...wire
      .framesOf(bytes)
      .filter((frame) => wire.nameOf(frame) === '60.30')
      .map((frame) => wire.cancelOk(wire.channelOf(frame), wire.tagOf(frame))),
  );
