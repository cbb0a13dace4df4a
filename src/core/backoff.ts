/**
 * When a worker that failed may start again. Pure: times and randomness are arguments.
 *
 * Two counters, as supervisord has only the first: starts that failed before RUNNING (`start.retries`, then FATAL), and exits
 * after RUNNING within a window. The first `retries` of them restart at once (a burst is tolerated), later ones wait longer and
 * longer; more than CRASH_LIMIT × retries within CRASH_WINDOW_MS is a crash loop and ends in FATAL (supervisord respawns for ever,
 * once a second).
 */
export const CRASH_WINDOW_MS = 600_000;
/** Crash loop: more than this many exits for each allowed retry within the window. */
export const CRASH_LIMIT = 5;
/** Longest pause between tries while the broker is unreachable. */
export const BROKER_RETRY_MS = 5_000;

export interface BackoffPolicy {
  retries: number;
  backoffMinMs: number;
  backoffMaxMs: number;
}

/**
 * Exponential, capped, jittered: min × 2^(nth − 1), at most max, of which the last fifth is random so that workers which fell
 * together do not rise together.
 *
 * @param nth 1 for the first delay
 * @param random in [0, 1)
 */
export const backoffDelay = (policy: BackoffPolicy, nth: number, random: number): number => {
  const full = Math.min(policy.backoffMaxMs, policy.backoffMinMs * 2 ** Math.min(nth - 1, 30));
  return Math.round(full * (0.8 + 0.2 * random));
};

/** Crash times still inside the window, with the newest added; bounded by the limit that matters. */
export const addCrash = (policy: BackoffPolicy, crashes: readonly number[], now: number): number[] =>
  [...crashes.filter((at) => now - at < CRASH_WINDOW_MS), now].slice(-crashLimit(policy) - 1);

const burst = (policy: BackoffPolicy): number => Math.max(1, policy.retries);

export const crashLimit = (policy: BackoffPolicy): number => burst(policy) * CRASH_LIMIT;

export type CrashVerdict = { next: 'now' } | { next: 'wait'; delayMs: number } | { next: 'give up' };

/** What follows an exit after RUNNING. `crashes` already contains it. */
export const afterCrash = (policy: BackoffPolicy, crashes: readonly number[], random: number): CrashVerdict => {
  if (crashes.length > crashLimit(policy)) return { next: 'give up' };
  const beyond = crashes.length - burst(policy);
  return beyond <= 0 ? { next: 'now' } : { next: 'wait', delayMs: backoffDelay(policy, beyond, random) };
};

/** Pause between tries while the broker is away: about a second at first, never more than five. */
export const brokerDelay = (policy: BackoffPolicy, random: number): number =>
  Math.round(Math.min(BROKER_RETRY_MS, Math.max(1_000, policy.backoffMinMs * 2)) * (0.8 + 0.2 * random));
