/** The schema of recycling. */
import { boolean, budget, choice, duration, integer } from './kinds.ts';
import { key, map } from './leaf.ts';
import { stopSignal } from './signals.ts';

const DAY = 86_400_000;

export const recycle = map(
  {
    drain: key(choice(['auto', 'gate', 'signal']), {
      description:
        'How a worker is emptied: by its gate, or by its own graceful stop on the signal; auto: gate for a program with an amqp map.',
      default: 'auto',
    }),
    overlap: key(boolean, {
      description: 'Start the replacement first, and stop the old one when it is consuming.',
      default: 'true',
    }),
    drainTimeout: key(duration({ max: DAY }), {
      description: 'How long a recycle waits for the messages in flight.',
      default: '60s',
    }),
    onStuckDrain: key(choice(['wait', 'resume', 'kill']), {
      description: 'What happens to a worker that cannot drain: wait for the deadline, let it go on, or stop it.',
      default: 'wait',
    }),
    settle: key(duration({ max: 60_000 }), {
      description: 'How long a drained worker must be idle before it is stopped.',
      default: '50ms',
    }),
    stopSignal: key(stopSignal, { description: 'Signal that asks a worker to end.', default: 'TERM' }),
    stopTimeout: key(duration({ max: DAY }), {
      description: 'How long a worker may take to end after the signal; then SIGKILL.',
      default: '10s',
    }),
    maxConcurrent: key(integer(1, 10_000), { description: 'Recycles of this program at once.', default: '1' }),
    budget: key(budget, {
      description: 'Recycles in a window; beyond it only a hard ceiling recycles.',
      default: '10 per 10m',
    }),
  },
  {
    description: 'How one incarnation is replaced by the next, and how workers are stopped.',
    example: '{ stopTimeout: 10s, maxConcurrent: 1 }',
  },
);
