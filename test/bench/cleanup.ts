/** What has to be ended, newest first: after each part, and when the bench is interrupted. */

type End = () => Promise<void> | void;

const ends = new Map<symbol, () => Promise<void>>();
let over = false;

/** Throws once the bench is being interrupted: then nothing more is to be started. */
export const going = (): void => {
  if (over) throw new Error('interrupted');
};

/** Where a fault while ending something is told; the others are ended all the same. */
export const later = { onFault: (_error: unknown): void => undefined };

/** Remember how to end something; the result ends it now (once), or waits for the end that is under way. */
export const onEnd = (end: End): (() => Promise<void>) => {
  const key = Symbol('end');
  let running: Promise<void> | null = null;
  const once = (): Promise<void> =>
    (running ??= Promise.resolve(end()).finally(() => {
      ends.delete(key);
    }));
  ends.set(key, once);
  return once;
};

export const endAll = async (): Promise<void> => {
  for (const end of [...ends.values()].toReversed()) {
    try {
      await end();
    } catch (error) {
      later.onFault(error);
    }
  }
};

/** The bench is over: end everything, and let nothing new begin. */
export const endForGood = (): Promise<void> => {
  over = true;
  return endAll();
};
