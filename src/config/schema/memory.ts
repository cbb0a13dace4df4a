/** The schema of memory ceilings. */
import { choice, duration, size } from './kinds.ts';
import { key, map, optionalKey, optionalMap } from './leaf.ts';

const ceiling = size({ min: 1024 * 1024 });

const growth = optionalMap(
  {
    window: key(duration({ min: 1000 }), { description: 'How far back growth is judged.', default: '20m' }),
    horizon: key(duration({ min: 1000 }), {
      description: 'Act when the projected time to the soft ceiling is shorter than this.',
      default: '10m',
    }),
    action: key(choice(['recycle', 'warn']), { description: 'What a leaking worker leads to.', default: 'recycle' }),
  },
  {
    description: 'Recognises a leak before it reaches a ceiling.',
    example: '{ window: 20m, horizon: 10m, action: recycle }',
  },
);

export const memory = map(
  {
    soft: optionalKey(ceiling, {
      description: 'Above this a worker is recycled at its next quiet moment.',
      example: '256MiB',
    }),
    hard: optionalKey(ceiling, {
      description: 'Above this a worker is recycled now, waiting for nothing but the drain.',
      example: '512MiB',
    }),
    kill: optionalKey(ceiling, {
      description: 'Above this a worker gets SIGKILL at once, whatever is in flight.',
      defaultText: '1.25 × `hard`; not set without `hard`',
      example: '640MiB',
    }),
    growth,
    metric: key(choice(['rss', 'pss', 'anon']), {
      description:
        'The figure that the ceilings judge, always with swap added: rss, pss (shared pages divided) or anon (RssAnon).',
      default: 'rss',
    }),
  },
  { description: 'Memory ceilings of a worker with its descendants.', example: '{ soft: 256MiB, hard: 512MiB }' },
);
