/** The schema of workers.yaml as a whole. */
import * as z from 'zod';
import { broker } from './broker.ts';
import { eventListeners } from './event-listener.ts';
import {
  boolean,
  choice,
  duration,
  integer,
  line,
  listenAddress,
  octal,
  path,
  percent,
  rate,
  size,
  webAddress,
} from './kinds.ts';
import { key, keyInfo, leaf, list, map, optionalKey, optionalMap } from './leaf.ts';
import { program } from './program.ts';

/** What a webhook can ask for: the actions of the journal, and hostPressure. */
const NOTIFY_KINDS = [
  'start',
  'exit',
  'backoff',
  'fatal',
  'recycle',
  'quiesce',
  'drained',
  'stop',
  'kill',
  'setOom',
  'hold',
  'hostPressure',
  'stuck',
  'deaf',
  'bypassed',
  'refused',
  'poison',
  'broker',
  'shimLost',
  'warn',
  'diagnose',
  'reload',
  'attach',
  'adopt',
  'command',
  'hook',
] as const;

const notification = z.strictObject({
  webhook: optionalKey(webAddress, {
    description: 'Where each notification is posted.',
    defaultText: 'required',
    example: 'https://chat.example/hook',
    secret: true,
  }),
  on: list(choice(NOTIFY_KINDS), {
    description: `Journal actions that are posted: ${NOTIFY_KINDS.join(', ')}.`,
    example: '[recycle, kill, fatal, hostPressure]',
  }),
  format: key(choice(['json', 'text']), {
    description: 'json: the journal entry; text: its sentence, for chats.',
    default: 'json',
  }),
});

const notify = z.array(notification).prefault([]);
keyInfo.add(notify, {
  description: 'Webhooks that are told of journal entries.',
  type: 'list of maps',
  default: '[]',
  json: null,
});

const group = z.strictObject({
  programs: list(line('program name', 'the name of a program'), {
    description: 'The programs of the group.',
    example: '[orders, mails]',
  }),
  priority: key(integer(0, 1_000_000), {
    description: 'Programs of groups with a lower number start earlier; within a group their own priority counts.',
    default: '999',
  }),
});

const groups = z.record(z.string(), group).prefault({});
keyInfo.add(groups, {
  description: 'Programs under one name, for commands.',
  type: 'map of maps',
  default: '{}',
  example: '{ team: { programs: [orders], priority: 20 } }',
  json: null,
});

const programs = z.record(z.string(), program).prefault({});
keyInfo.add(programs, {
  description: 'The programs to run, by name.',
  type: 'map of programs',
  default: null,
  defaultText: 'required, at least one',
  json: null,
});

const defaults = program.prefault({});
keyInfo.add(defaults, {
  description: 'Any key of a program; a program overrides it key by key (maps merge, lists replace).',
  type: 'map',
  default: '{}',
  example: '{ user: www-data, memory: { hard: 512MiB } }',
  json: null,
});

const journal = map(
  {
    path: key(path, { description: 'Journal file, relative to logDir.', default: 'journal.jsonl' }),
    maxSize: key(size({ min: 64 * 1024 }), {
      description: 'The journal is rotated before it grows past this size.',
      default: '64MiB',
    }),
    backups: key(integer(0, 1000), { description: 'How many rotated journals are kept.', default: '10' }),
  },
  {
    description: 'The append-only record of what was done and why.',
    example: '{ path: journal.jsonl, maxSize: 64MiB, backups: 10 }',
  },
);

const socket = map(
  {
    mode: key(octal('0660'), {
      description: 'Permission bits of the control socket.',
      default: '"0600"',
      example: '"0660"',
    }),
    group: optionalKey(line('group name', 'the name of a group such as deploy'), {
      description: 'Group that owns the control socket; not set: the group of ackwarden.',
      example: 'deploy',
    }),
  },
  { description: 'Who may talk to the controller.', example: '{ mode: "0660", group: deploy }' },
);

const http = optionalMap(
  {
    listen: key(listenAddress, {
      description: 'Address and port of the control interface.',
      default: '127.0.0.1:9876',
    }),
    tokenFile: optionalKey(path, {
      description: 'File with the token that every request must bring; relative to the directory of workers.yaml.',
      defaultText: 'required',
      example: '/etc/ackwarden/token',
    }),
    username: optionalKey(line('user name', 'a user name without a colon'), {
      description: 'A user who may come in with a password (HTTP Basic) in place of the token, as with supervisord.',
      example: 'deploy',
    }),
    passwordFile: optionalKey(path, {
      description: 'File with the password of that user; relative to the directory of workers.yaml.',
      example: '/etc/ackwarden/password',
    }),
  },
  {
    description: 'The control interface on TCP; left out: the unix socket only.',
    example: '{ listen: "127.0.0.1:9876", tokenFile: /etc/ackwarden/token }',
  },
);

const sampling = map(
  {
    interval: key(duration({ min: 50, max: 60_000 }), {
      description: 'Time between two samples of a worker.',
      default: '250ms',
    }),
  },
  { description: 'How often workers are measured.', example: '{ interval: 250ms }' },
);

const host = map(
  {
    reserve: key(size(), {
      description:
        'Memory of the host that stays available: no start takes MemAvailable below it, and below it the largest grower is recycled.',
      default: '128MiB',
      example: '1GiB',
    }),
    swapIn: optionalKey(rate, {
      description: 'Swap-in above this rate, sustained for `for`, is pressure.',
      example: '20MiB/s',
    }),
    pressure: optionalKey(percent(0, 100), {
      description:
        'Memory stall (PSI) above this share of time is pressure, if little memory is available or pages are swapped as well.',
      example: '20%',
    }),
    for: key(duration({ min: 1000, max: 3_600_000 }), { description: 'How long pressure must last.', default: '10s' }),
    maxConcurrent: key(integer(1, 10_000), { description: 'Recycles at once on this host.', default: '2' }),
  },
  { description: 'Keeps the machine usable.', example: '{ reserve: 1GiB }' },
);

function directory(description: string, root: string, user: string) {
  return optionalKey(path, {
    description: `${description} Relative to the directory of workers.yaml.`,
    defaultText: `\`${root}\` for root, else \`${user}\``,
    example: root,
  });
}

export const root = z.strictObject({
  version: leaf(choice(['1'])),
  stateDir: directory(
    'Sockets and state that need not survive a reboot.',
    '/run/ackwarden',
    '$XDG_RUNTIME_DIR/ackwarden',
  ),
  dataDir: directory(
    'What survives a reboot: wanted state, broker data.',
    '/var/lib/ackwarden',
    '$XDG_STATE_HOME/ackwarden',
  ),
  logDir: directory('Worker logs and the journal.', '/var/log/ackwarden', '$XDG_STATE_HOME/ackwarden/log'),
  journal,
  socket,
  http,
  sampling,
  language: key(choice(['en', 'zh-CN']), {
    description: 'Language of journal texts, notifications and the dashboard.',
    default: 'en',
  }),
  rememberStopped: key(boolean, {
    description:
      'What a person stopped stays stopped over a reboot, too (kept in dataDir). It does so over an upgrade, a crash, and a shutdown and `run` in any case.',
    default: 'false',
    example: 'true',
  }),
  exitOnFatal: key(boolean, {
    description:
      'Once a worker is FATAL, drain and stop everything and exit 1: for containers, which are started anew as a whole.',
    default: 'false',
    example: 'true',
  }),
  advisories: list(path, {
    description:
      'Files with known leaks of PHP extensions of your own, beside the built-in ones, for `diagnose` (docs/diagnose.md); relative to the directory of workers.yaml.',
    example: '[leaks.yaml]',
  }),
  broker: broker('The RabbitMQ broker of the programs; without it there are no broker rules.'),
  defaults,
  host,
  groups,
  programs,
  eventListeners,
  notify,
});

keyInfo.add(root.shape.version, {
  description: 'Version of this format.',
  type: '`1`',
  default: null,
  defaultText: 'required',
  example: '1',
  json: { const: 1 },
});

/** Everything but `defaults` and `programs`, which are merged first. */
export const settings = root.omit({ defaults: true, programs: true });
export type SettingsValues = z.output<typeof settings>;
