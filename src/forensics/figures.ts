/** The window in a few figures for each place where memory can grow. Pure. */
import { Falls } from '../policy/trend/falls.ts';
import { Floors } from '../policy/trend/floors.ts';
import { BUCKETS, figuresOf } from '../policy/trend/window.ts';
import type { WindowFigures } from '../policy/trend/window.ts';
import type { Growth, Tick } from './types.ts';

export interface Series {
  figures: WindowFigures;
  /** How often most of a climb was given back. */
  falls: number;
}

/** Null: too few readings, or a figure that was not known all the time. */
export const seriesOf = (ticks: readonly Tick[], bytesOf: (tick: Tick) => number | null): Series | null => {
  const floors = new Floors(Math.max(1, ticks.length));
  const falls = new Falls();
  for (const tick of ticks) {
    const bytes = bytesOf(tick);
    if (bytes === null) continue;
    floors.push(tick.seconds * 1000, bytes);
    falls.add(tick.seconds * 1000, bytes);
  }
  if (floors.length < BUCKETS || floors.length < ticks.length * 0.9) return null;
  const figures = figuresOf(floors);
  if (figures === null) return null;
  return { figures, falls: falls.count };
};

const sum = (a: number | null, b: number | null): number | null => (a === null ? null : a + (b ?? 0));

/** Anonymous memory and swap: what a process has for itself. */
export const ownOf = (tick: Tick): number | null => sum(tick.anonBytes, tick.swapBytes);
export const zendOf = ({ zendUsedBytes }: Tick): number | null => zendUsedBytes;
/** At least this much is outside of PHP's own heap; in steps of the 2 MiB in which PHP takes memory. */
export const nativeOf = (tick: Tick): number | null => {
  const own = ownOf(tick);
  return own === null || tick.zendRealBytes === null ? null : Math.max(0, own - tick.zendRealBytes);
};
export const sharedOf = ({ sharedBytes }: Tick): number | null => sharedBytes;
export const helperOf = ({ helperBytes }: Tick): number => helperBytes;
export const descriptorsOf = ({ descriptors }: Tick): number | null => descriptors;

const perMinute = (series: Series | null): number | null =>
  series === null ? null : Math.round(series.figures.slope * 60_000);

export const growthOf = (ticks: readonly Tick[]): Growth => ({
  totalBytesPerMinute: perMinute(seriesOf(ticks, ownOf)),
  zendBytesPerMinute: perMinute(seriesOf(ticks, zendOf)),
  nativeBytesPerMinute: perMinute(seriesOf(ticks, nativeOf)),
  sharedBytesPerMinute: perMinute(seriesOf(ticks, sharedOf)),
  helperBytesPerMinute: perMinute(seriesOf(ticks, helperOf)),
  descriptorsPerMinute: perMinute(seriesOf(ticks, descriptorsOf)),
  bytesPerMessage: bytesPerMessage(ticks),
});

/** Null without a gate, or where nothing was acknowledged in the window. */
const bytesPerMessage = (ticks: readonly Tick[]): number | null => {
  const known = ticks.filter(({ acknowledged, anonBytes }) => acknowledged !== null && anonBytes !== null);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return null;
  const messages = (last.acknowledged ?? 0) - (first.acknowledged ?? 0);
  return messages <= 0 ? null : Math.round(((ownOf(last) ?? 0) - (ownOf(first) ?? 0)) / messages);
};
