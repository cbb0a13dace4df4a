/** A small seeded generator (mulberry32): the same seed gives the same run, so that a failure can be replayed and shrunk. */
export interface Random {
  /** In [0, 1). */
  next: () => number;
  /** Whole number in [from, to]. */
  between: (from: number, to: number) => number;
  chance: (probability: number) => boolean;
}

export const seeded = (seed: number): Random => {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
  };
};
