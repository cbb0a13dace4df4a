/** The schema of one program, and of `defaults`: every key may be left out. */
import * as z from 'zod';
import { read, refuse } from '../parsed.ts';
import { broker } from './broker.ts';
import { command } from './command.ts';
import { hooks, ready } from './beside.ts';
import { boolean, choice, duration, integer, line, octal, path, range, text } from './kinds.ts';
import { key, keyInfo, list, map, optionalKey, table } from './leaf.ts';
import { limits } from './limits.ts';
import { stderr, stdout } from './logs.ts';
import { memory } from './memory.ts';
import { recycle } from './recycle.ts';
import { amqp, cgroup, cpu, lifetime, oom, stuck } from './watch.ts';

/** One line: the settings are handed to PHP in an ini file of ours. */
const iniValue: typeof text = {
  ...text,
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  read: (value) => (/[\u0000-\u001f\u007f]/.test(value) ? refuse('text on one line') : read(value)),
};

const start = map(
  {
    auto: key(boolean, { description: 'Start the workers when the controller starts.', default: 'true' }),
    seconds: key(duration({ max: 3_600_000 }), {
      description: 'A worker that lives this long counts as RUNNING; one that ends sooner has failed to start.',
      default: '1s',
    }),
    retries: key(integer(0, 1_000_000), {
      description: 'Failed starts in a row before the worker is FATAL and waits for a person.',
      default: '3',
    }),
    backoff: key(range, {
      description: 'Wait between failed starts: it doubles from the first duration up to the second.',
      default: '1s..60s',
    }),
    restart: key(choice(['always', 'unexpected', 'never']), {
      description:
        'When a worker that ended by itself is started again; unexpected: only after an exit code that is not in exitCodes.',
      default: 'always',
    }),
    exitCodes: list(integer(0, 255), {
      description: 'Exit codes that are expected.',
      defaultList: ['0'],
      example: '[0, 2]',
    }),
  },
  {
    description: 'How workers are started and started again.',
    example: '{ seconds: 1s, retries: 3, backoff: 1s..60s }',
  },
);

const php = map(
  {
    disableExtensions: list(line('extension', 'the name of a PHP extension'), {
      description:
        'PHP extensions that the workers run without; the ini files of the system stay as they are (docs/php.md).',
      example: '[newrelic]',
    }),
    ini: table(iniValue, { description: 'php.ini settings of the workers.', example: '{ memory_limit: 512M }' }),
  },
  { description: 'Settings of PHP itself.', example: '{ ini: { memory_limit: 512M } }' },
);

const identity = {
  command,
  directory: key(path, {
    description: 'Working directory of the workers; relative to the directory of workers.yaml.',
    default: '.',
    example: '/srv/shop',
  }),
  user: optionalKey(line('user name', 'the name of a user such as www-data'), {
    description: 'User that the workers run as, with its groups; not set: the user of ackwarden.',
    example: 'www-data',
  }),
  workers: key(integer(0, 10_000), { description: 'How many identical workers run.', default: '1', example: '4' }),
  firstIndex: key(integer(0, 1_000_000), { description: 'Index of the first worker.', default: '0' }),
  workerName: key(line('text', 'a name such as "{program}:{index}"'), {
    description: 'Name of each worker; {program} and {index} ({index:02} pads with zeros) are filled in.',
    default: '"{program}:{index}"',
  }),
};

const surroundings = {
  environment: table(text, {
    description:
      'Environment variables of the workers, over those of envFile; {program}, {worker} and {index} are filled in.',
    example: '{ APP_ENV: staging }',
  }),
  envFile: optionalKey(path, {
    description: 'File of NAME=VALUE lines for the environment; relative to the directory of workers.yaml.',
    example: '.env.worker',
  }),
  umask: key(octal('022'), {
    description: 'Permission bits that new files of the workers do not get.',
    default: '"022"',
  }),
  nice: key(integer(-20, 19), {
    description: 'CPU niceness, −20 (first) to 19 (last); below 0 needs root.',
    default: '0',
    example: '5',
  }),
  limits,
  stdin: key(choice(['closed', 'open']), {
    description: 'Standard input of the workers: closed is /dev/null; open is a pipe that can be written to by RPC.',
    default: 'closed',
  }),
};

const order = {
  priority: key(integer(0, 1_000_000), {
    description: 'Programs with a lower number start earlier; nothing waits for it (see after).',
    default: '999',
  }),
  after: list(line('program name', 'the name of a program'), {
    description:
      'Programs that must be up (every wanted worker RUNNING, and ready) before this one starts; in a shutdown this one ends first.',
    example: '[broker-setup]',
  }),
  ready,
  hooks,
};

export const program = z.strictObject({
  ...identity,
  ...surroundings,
  ...order,
  start,
  memory,
  cpu,
  lifetime,
  stuck,
  recycle,
  oom,
  cgroup,
  amqp,
  broker: broker('Broker of this program; not set: the top-level one.'),
  php,
  stdout,
  stderr,
});

keyInfo.add(program, {
  description: 'A program: one command, N identical workers.',
  type: 'map',
  default: null,
  json: null,
});

/** A program with all defaults filled in; units converted, paths and templates as written. */
export type ProgramValues = z.output<typeof program>;
