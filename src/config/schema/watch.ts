/** The schema of what is watched or set besides memory: CPU, lifetime, stuck messages, OOM score, cgroup, AMQP. */
import { boolean, choice, duration, integer, percent, schedule, size, variableName } from './kinds.ts';
import { key, map, oneOrMore, optionalKey, optionalMap } from './leaf.ts';

export const cpu = optionalMap(
  {
    limit: key(percent(1, 100_000), { description: 'CPU use, 100% is one processor.', default: '90%' }),
    for: key(duration({ min: 1000 }), { description: 'How long the use must stay above the limit.', default: '5m' }),
    action: key(choice(['warn', 'recycle']), { description: 'What it leads to.', default: 'warn' }),
  },
  { description: 'Watches the CPU use of a worker.', example: '{ limit: 90%, for: 5m, action: warn }' },
);

export const lifetime = optionalMap(
  {
    age: optionalKey(duration({ min: 1000 }), { description: 'Recycle a worker of this age.', example: '12h' }),
    messages: optionalKey(integer(1, 1_000_000_000), {
      description: 'Recycle a worker after this many acknowledged messages, which its gate counts.',
      example: '100000',
    }),
    jitter: key(percent(0, 100), {
      description: 'By how much of age and messages each worker goes earlier at most, so that they do not go together.',
      default: '10%',
    }),
    schedule: oneOrMore(schedule, {
      description:
        'Recycle all workers, one after the other, at these times (cron, in the time zone of the host); one expression or a list.',
      example: '"0 4 * * *"',
    }),
  },
  { description: 'Recycles workers by age, count or time of day.', example: '{ age: 12h, jitter: 10% }' },
);

export const stuck = optionalMap(
  {
    inFlight: key(duration({ min: 1000 }), {
      description: 'Age of the oldest unacknowledged message.',
      default: '10m',
    }),
    action: key(choice(['diagnose', 'warn', 'recycle']), { description: 'What it leads to.', default: 'diagnose' }),
  },
  {
    description: 'Notices a worker that holds a message for too long.',
    example: '{ inFlight: 10m, action: diagnose }',
  },
);

export const oom = map(
  {
    scoreAdj: optionalKey(integer(-1000, 1000), {
      description:
        'oom_score_adj of the workers, −1000 (never killed) to 1000 (killed first); below its own value only root may set it.',
      defaultText: '`0`',
      example: '500',
    }),
    adj: optionalKey(integer(-17, 15), {
      description:
        'The same on the scale of kernels before 2.6.36, −17 to 15, converted as the kernel does; not together with scoreAdj.',
      example: '7',
    }),
    policy: key(choice(['fixed', 'byState']), {
      description: 'fixed: always scoreAdj; byState: moved by the state of the worker.',
      default: 'fixed',
    }),
  },
  { description: 'Which processes the kernel kills first when memory runs out.', example: '{ scoreAdj: 500 }' },
);

export const cgroup = optionalMap(
  {
    high: optionalKey(size({ min: 1024 * 1024 }), {
      description: 'memory.high: above it the kernel slows the worker down.',
      example: '480MiB',
    }),
    max: optionalKey(size({ min: 1024 * 1024 }), {
      description: 'memory.max: above it the kernel kills.',
      example: '640MiB',
    }),
  },
  {
    description: 'A second wall by the kernel, where cgroups are delegated.',
    example: '{ high: 480MiB, max: 640MiB }',
  },
);

const poison = map(
  {
    deaths: key(integer(1, 1000), {
      description:
        'So many workers that died one after the other while they worked on the same message make it a poison message.',
      default: '3',
    }),
    action: key(choice(['warn', 'reject']), {
      description: 'warn: say which message it is; reject: also reject it without requeue when it comes again.',
      default: 'warn',
    }),
  },
  { description: 'Recognises a message that kills its workers.', example: '{ deaths: 3, action: warn }' },
);

export const amqp = optionalMap(
  {
    gate: key(boolean, { description: 'Put the gate between the workers and the broker.', default: 'true' }),
    host: key(variableName, {
      description: 'Environment variable from which the worker reads the host of the broker.',
      default: 'RABBITMQ_HOST',
    }),
    port: key(variableName, {
      description: 'Environment variable from which the worker reads the port of the broker.',
      default: 'RABBITMQ_PORT',
    }),
    dsn: optionalKey(variableName, {
      description:
        'Environment variable from which the worker reads a whole AMQP URL: it leads to the gate, with the user, password, virtual host and parameters of the value it would have had, else of `broker`.',
      example: 'MESSENGER_TRANSPORT_DSN',
    }),
    prefetch: optionalKey(integer(1, 65535), {
      description: 'Most messages that the broker gives a worker ahead.',
      defaultText: "the worker's own",
      example: '10',
    }),
    poison,
  },
  { description: 'Says that the workers consume from RabbitMQ.', example: '{ gate: true, prefetch: 10 }' },
);
