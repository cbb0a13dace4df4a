/** proc(5), /proc/stat: columns of a `cpu` line. guest and guest_nice, which follow, are in user and nice already. */
export const CPU = { user: 0, nice: 1, system: 2, idle: 3, iowait: 4, irq: 5, softirq: 6, steal: 7 } as const;

const COLUMNS = Object.keys(CPU).length;

/**
 * What the processors did between two readings of the `cpu` line.
 *
 * @returns the share of some columns together, in percent; null where no time has passed or nothing was read
 */
export const cpuShares = (
  before: readonly number[],
  after: readonly number[],
): ((...names: (keyof typeof CPU)[]) => number | null) => {
  const spent = after.slice(0, COLUMNS).map((ticks, index) => ticks - (before[index] ?? 0));
  const total = spent.reduce((sum, ticks) => sum + ticks, 0);
  return (...names) =>
    total <= 0 ? null : (100 * names.reduce((sum, name) => sum + (spent[CPU[name]] ?? 0), 0)) / total;
};
