/**
 * One consumer of a channel, as the worker sees it. The worker believes in it from consume to cancel; at the broker it may be
 * cancelled meanwhile:
 *
 *   starting → active → quiescing → quiesced → resuming → active
 *                   ↘ cancelling (the client's own cancel), from any of them; then it is forgotten
 */
import { CONSUME_FLAG } from './decode.ts';
import type { ConsumeArguments } from './decode.ts';

export type ConsumerState = 'starting' | 'active' | 'quiescing' | 'quiesced' | 'resuming' | 'cancelling';

/** The broker was asked for `limit` messages at once where the worker had asked for more (`asked`; 0: without limit). */
export interface Clamped {
  limit: number;
  asked: number;
}

export interface Consumer {
  /** Its tag at the broker: another one each time it is started anew (`consumeAnew`). */
  brokerTag: string;
  arguments: ConsumeArguments;
  state: ConsumerState;
  /** Its queue belongs to the worker alone (exclusive, auto-delete, reply): a quiesce leaves it alone. */
  isPrivate: boolean;
  /** The clamp it was started under at the broker; null: it has what the worker asked for. */
  clamped: Clamped | null;
}

export const isNoAck = ({ arguments: { flags } }: Consumer): boolean => (flags & CONSUME_FLAG.noAck) !== 0;

/** Messages can reach the worker through it. */
export const isReachable = ({ state }: Consumer): boolean => state === 'active' || state === 'resuming';
