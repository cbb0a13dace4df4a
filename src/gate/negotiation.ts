/** Channel 0: what the two sides agree on before the first channel, alarms, and the end of the connection. */
import { announce } from './capabilities.ts';
import type { ConnectionState } from './connection-state.ts';
import { TUNE_FRAME_MAX, TUNE_HEARTBEAT } from './decode.ts';
import type { HeartbeatLeg } from './heartbeat.ts';
import { METHOD } from './method-ids.ts';
import type { Verdict } from './scanner.ts';

export interface NegotiationOptions {
  clientLeg: HeartbeatLeg;
  brokerLeg: HeartbeatLeg;
  /** Asked of the broker; its own offer if that is shorter. */
  heartbeatSeconds: number;
  /** The largest frame that both sides may send; 0: any. */
  agreed: (frameMax: number) => void;
}

export class Negotiation {
  readonly #state: ConnectionState;
  readonly #options: NegotiationOptions;
  #brokerHeartbeat = 0;

  constructor(state: ConnectionState, options: NegotiationOptions) {
    this.#state = state;
    this.#options = options;
  }

  onClient(method: number, frame: Buffer): Verdict {
    switch (method) {
      case METHOD.connectionStartOk:
        return this.#onStartOk(frame);
      case METHOD.connectionTuneOk:
        return this.#onTuneOk(frame);
      case METHOD.connectionClose:
        this.#state.stage = 'closing';
        this.#state.endedBy ??= 'client';
        return 'pass';
      case METHOD.connectionCloseOk:
        this.#state.stage = 'closing';
        return 'pass';
      default:
        return 'pass';
    }
  }

  onBroker(method: number, frame: Buffer): Verdict {
    const state = this.#state;
    switch (method) {
      case METHOD.connectionTune:
        this.#brokerHeartbeat = frame.readUInt16BE(TUNE_HEARTBEAT);
        return 'pass';
      case METHOD.connectionOpenOk:
        state.stage = 'open';
        return 'pass';
      case METHOD.connectionBlocked:
      case METHOD.connectionUnblocked:
        state.isBlocked = method === METHOD.connectionBlocked;
        return state.told.alarms ? 'pass' : [];
      case METHOD.connectionClose:
        state.stage = 'closing';
        state.endedBy ??= 'broker';
        return 'pass';
      case METHOD.connectionCloseOk:
        state.stage = 'closed';
        return 'pass';
      default:
        return 'pass';
    }
  }

  #onStartOk(startOk: Buffer): Verdict {
    const { frame, told } = announce(startOk);
    this.#state.told = told;
    return frame === startOk ? 'pass' : [frame];
  }

  /** The worker chooses frame-max and channel-max for both legs; heartbeats are each leg's own. */
  #onTuneOk(frame: Buffer): Verdict {
    const { clientLeg, brokerLeg, heartbeatSeconds, agreed } = this.#options;
    const { now } = this.#state;
    agreed(frame.readUInt32BE(TUNE_FRAME_MAX));
    const asked = frame.readUInt16BE(TUNE_HEARTBEAT);
    clientLeg.agree(asked, now);
    const upstream = Math.min(this.#brokerHeartbeat, heartbeatSeconds);
    brokerLeg.agree(upstream, now);
    if (upstream === asked) return 'pass';
    const tuned = Buffer.from(frame);
    tuned.writeUInt16BE(upstream, TUNE_HEARTBEAT);
    return [tuned];
  }
}
