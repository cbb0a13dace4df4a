import type { Unmet } from '../core/types.ts';

const REASONS: Record<Unmet['reason'], (program: string) => string> = {
  starting: () => 'which is not up yet',
  waiting: () => 'which waits itself',
  stopped: (program) => `which nobody wants to run; ackwarden start ${program} starts it`,
  fatal: (program) => `which was given up; see ackwarden explain ${program}`,
  exited: (program) => `which ended unexpectedly; see ackwarden explain ${program}`,
};

/** What a worker waits for that may not start yet (`after`). */
export const holdText = ({ program, reason }: Unmet): string => `waits for ${program}, ${REASONS[reason](program)}`;
