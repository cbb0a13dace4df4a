/**
 * One consumer of a channel, as the worker sees it. The worker believes in it from consume to cancel; at the broker it may be
 * cancelled meanwhile:
 *
 *   starting → active → quiescing → quiesced → resuming → active
 *                   ↘ cancelling (the client's own cancel), from any of them; then it is forgotten
 */
import type { ConsumeArguments } from './encode.ts';
import { CONSUME_FLAG } from './decode.ts';

export type ConsumerState = 'starting' | 'active' | 'quiescing' | 'quiesced' | 'resuming' | 'cancelling';

export interface Consumer {
  arguments: ConsumeArguments;
  state: ConsumerState;
  /** Its queue belongs to the worker alone (exclusive, auto-delete, reply): a quiesce leaves it alone. */
  isPrivate: boolean;
}

export const isNoAck = ({ arguments: { flags } }: Consumer): boolean => (flags & CONSUME_FLAG.noAck) !== 0;

/** Messages can reach the worker through it. */
export const isReachable = ({ state }: Consumer): boolean => state === 'active' || state === 'resuming';
