/**
 * Whom the kernel shall take first when memory runs out, by the state of a worker. Pure. Only upwards from the base, which needs no
 * privilege, and back to it, which needs none either (watchdogs: the floor is what a process was started with).
 */

/** `suspect`: it leaks. `goingAway`: it waits for its recycle, drains, or is being stopped. */
export type Standing = 'ordinary' | 'suspect' | 'goingAway';

const MOST = 1000;
const STEPS: Record<Standing, number> = { ordinary: 0, suspect: 150, goingAway: 300 };
/** From here on up the steps do not fit in what is left. */
const ROOMY = 850;

/** The steps are compressed to what is left over a base above 850, so that their order stays. */
export const scoreAdjOf = (base: number, standing: Standing): number => {
  const step = STEPS[standing];
  const fitted = base > ROOMY ? Math.floor(((MOST - base) * step) / STEPS.goingAway) : step;
  return Math.min(MOST, base + fitted);
};

/** How many points are left, where that is too few for the steps; else null. */
export const roomOf = (base: number): number | null => (base > ROOMY ? MOST - base : null);
