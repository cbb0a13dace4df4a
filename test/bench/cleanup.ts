/** What has to be ended, newest first: after each part, and when the bench is interrupted. */

type End = () => Promise<void> | void;

const ends = new Map<symbol, End>();
let over = false;

/** Throws once the bench is being interrupted: then nothing more is to be started. */
export const going = (): void => {
  if (over) throw new Error('interrupted');
};

/** Where a fault while ending something is told; the others are ended all the same. */
export const later = { onFault: (_error: unknown): void => undefined };

/** Remember how to end something; the result ends it now (once). */
export const onEnd = (end: End): (() => Promise<void>) => {
  const key = Symbol('end');
  ends.set(key, end);
  return async () => {
    if (!ends.delete(key)) return;
    await end();
  };
};

export const endAll = async (): Promise<void> => {
  for (const [key, end] of [...ends].toReversed()) {
    if (!ends.delete(key)) continue;
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
