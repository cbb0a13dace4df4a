/** A worker as it is now, in sentences: the beginning of its explanation. */
import type { Tracked } from './sample-store.ts';
import { bytes, plural } from './words.ts';

/** @param tracked of its current process; null: there is none, or it was not read yet */
export const presentText = (name: string, state: string, tracked: Tracked | null): string =>
  [`${name} is ${state}.`, ...messagesText(tracked), ...zendText(tracked)].join(' ');

/** What its gate has counted. */
const messagesText = (tracked: Tracked | null): string[] => {
  if (tracked?.gate == null) return [];
  const { inFlight, prefetch, acknowledged } = tracked.gate;
  const most = prefetch === null || prefetch === 0 ? '' : ` of at most ${prefetch}`;
  const counted = `It holds ${plural(inFlight, 'message', 'messages')}${most} and has acknowledged ${acknowledged}.`;
  const each = tracked.growth?.bytesPerMessage ?? null;
  if (each === null || each <= 0 || tracked.growth === null) return [counted];
  return [counted, `Over the last ${tracked.growth.seconds} s its memory grew by ${bytes(each)} for each of them.`];
};

/** Why a figure of `status` is unknown. */
const zendText = (tracked: Tracked | null): string[] =>
  tracked?.zendWhy == null ? [] : [`PHP's own heap is not known: ${tracked.zendWhy}.`];
