import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { ProgramConfig } from '../../../src/config/types.ts';
import { configOf, folder, loadText, problemsOf, shop, write } from './files.ts';

const ROOT = { uid: 0, home: '/root' };
const USER = { uid: 1000, home: '/home/ann' };

function program(lines: string, name = 'shop'): ProgramConfig {
  const found = configOf(shop(lines)).programs[name];
  if (found === undefined) throw new Error(`no program ${name}`);
  return found;
}

function said(path: string): string[] {
  const result = loadConfig(path, {}, ROOT);
  return result.ok ? [] : result.problems.map(({ text }) => text);
}

function directories(lines: string, env: Record<string, string> = {}) {
  const result = loadConfig(write('workers.yaml', `${shop('')}${lines}`), env, USER);
  if (!result.ok) throw new Error(result.problems.map(({ text }) => text).join('\n'));
  const { stateDir, dataDir, logDir } = result.config;
  return { stateDir, dataDir, logDir };
}

const LOG_DEFAULTS = {
  daily: false,
  compress: false,
  format: 'text',
  timestamps: false,
  prefix: false,
  stripAnsi: false,
  forward: false,
} as const;

describe('a file that cannot be read', () => {
  it('is missing', () =>
    expect(said('/nowhere/workers.yaml')).toEqual([
      '/nowhere/workers.yaml: found no such file, expected a readable text file',
    ]));
  it('is a directory', () =>
    expect(said(folder)).toEqual([`${folder}: found a directory, expected a readable text file`]));
  it('is a device', () =>
    expect(said('/dev/null')).toEqual([
      '/dev/null: found something that is not a regular file, expected a readable text file',
    ]));

  it('is a FIFO, which is not waited for', () => {
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    expect(said(path)).toEqual([`${path}: found something that is not a regular file, expected a readable text file`]);
  });

  it.each([
    ['empty', '', ':1:1: found an empty file, expected a map with `version: 1` and `programs:`'],
    ['latin1', Buffer.from([0x61, 0x3a, 0x20, 0xe9]), ': found bytes that are not UTF-8, expected UTF-8 text'],
    ['binary', 'a: \0', ': found binary data, expected a readable text file'],
    ['huge', 'x'.repeat(4 * 1024 * 1024 + 1), ': found 4194305 bytes, expected at most 4194304 bytes'],
  ])('is %s', (name, content, text) => {
    const path = write(name, content);
    expect(said(path)).toEqual([`${path}${text}`]);
  });

  it('lies below a file', () => {
    const path = `${write('plain', '')}/workers.yaml`;
    expect(said(path)).toEqual([
      `${path}: found no such file (a part of its path is not a directory), expected a readable text file`,
    ]);
  });

  it('is a link to itself', () => {
    const path = join(folder, 'loop');
    symlinkSync('loop', path);
    expect(said(path)).toEqual([`${path}: found a circle of symbolic links, expected a readable text file`]);
  });

  it('does not grow by aliases without bound', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) =>
        `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
    );
    const problems = problemsOf(`version: 1\na-1: &a-1 [x]\n${levels.join('\n')}\n`);
    expect(problems.join('\n')).toContain(
      'found more than 100000 values, expected fewer (do aliases repeat themselves?)',
    );
  });
});

describe('defaults', () => {
  const config = configOf(shop(''));
  const { shop: smallest } = config.programs;

  it('fill in a program', () =>
    expect(smallest).toEqual({
      name: 'shop',
      command: ['php', 'x'],
      directory: folder,
      user: null,
      workers: 1,
      firstIndex: 0,
      workerName: '{program}:{index}',
      environment: {},
      umask: 0o022,
      nice: 0,
      limits: {},
      priority: 999,
      after: [],
      start: {
        auto: true,
        secondsMs: 1000,
        retries: 3,
        backoffMinMs: 1000,
        backoffMaxMs: 60_000,
        restart: 'always',
        exitCodes: [0],
      },
      memory: { softBytes: null, hardBytes: null, killBytes: null, metric: 'rss', growth: null },
      ready: null,
      hooks: null,
      stdin: 'closed',
      cpu: null,
      lifetime: null,
      stuck: null,
      recycle: {
        drain: 'signal',
        overlap: true,
        drainTimeoutMs: 60_000,
        onStuckDrain: 'wait',
        settleMs: 50,
        stopSignal: 'TERM',
        stopTimeoutMs: 10_000,
        maxConcurrent: 1,
        budget: { count: 10, windowMs: 600_000 },
      },
      oom: { scoreAdj: 0, policy: 'fixed' },
      amqp: null,
      broker: null,
      php: { disableExtensions: [], ini: {} },
      stdout: { path: '/var/log/ackwarden/{worker}.log', maxSizeBytes: 52_428_800, backups: 10, ...LOG_DEFAULTS },
      stderr: 'stdout',
      origins: { command: { key: 'programs.shop.command', line: 4 } },
    }));

  it('fill in the rest', () =>
    expect({ ...config, programs: {} }).toEqual({
      file: join(folder, 'workers.yaml'),
      stateDir: '/run/ackwarden',
      dataDir: '/var/lib/ackwarden',
      logDir: '/var/log/ackwarden',
      journal: { path: '/var/log/ackwarden/journal.jsonl', maxSizeBytes: 67_108_864, backups: 10 },
      socket: { path: '/run/ackwarden/control.sock', mode: 0o600, group: null },
      http: null,
      sampling: { intervalMs: 250 },
      language: 'en',
      rememberStopped: false,
      exitOnFatal: false,
      advisories: [],
      broker: null,
      host: {
        reserveBytes: 134_217_728,
        swapInBytesPerSecond: null,
        pressurePercent: null,
        forMs: 10_000,
        maxConcurrent: 2,
      },
      origins: {},
      groups: {},
      eventListeners: {},
      programs: {},
    }));

  it('are frozen, all of them', () => {
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(smallest?.memory)).toBe(true);
    expect(Object.isFrozen(smallest?.start.exitCodes)).toBe(true);
  });
});

describe('values', () => {
  it.each<[string, (from: ProgramConfig) => unknown, unknown]>([
    ['memory: { hard: 512MiB }', ({ memory }) => memory.killBytes, 671_088_640],
    ['memory: { hard: 512MiB, kill: null }', ({ memory }) => memory.killBytes, null],
    ['memory: { hard: 1GiB, kill: 2GiB }', ({ memory }) => memory.killBytes, 2_147_483_648],
    ['memory: { soft: 512MiB, hard: 512MiB }', ({ memory }) => memory.softBytes, 536_870_912],
    [
      'memory: { growth: { action: warn } }',
      ({ memory }) => memory.growth,
      { windowMs: 1_200_000, horizonMs: 600_000, action: 'warn' },
    ],
    ['umask: 027', ({ umask }) => umask, 0o027],
    ['umask: "0077"', ({ umask }) => umask, 0o077],
    [
      'environment: { A: 1.10, B: yes, C: 007, D: "", E: null-ish }',
      ({ environment }) => environment,
      { A: '1.10', B: 'yes', C: '007', D: '', E: 'null-ish' },
    ],
    [
      'limits: { nofile: 4096, core: unlimited, as: 1GiB }',
      ({ limits }) => limits,
      { nofile: 4096, core: null, as: 1_073_741_824 },
    ],
    [
      'amqp: {}',
      ({ amqp, recycle }) => [amqp, recycle.drain],
      [
        {
          gate: true,
          hostVariable: 'RABBITMQ_HOST',
          portVariable: 'RABBITMQ_PORT',
          dsnVariable: null,
          prefetch: null,
          poison: { deaths: 3, action: 'warn' },
        },
        'gate',
      ],
    ],
    ['amqp: {}\nrecycle: { drain: signal }', ({ recycle }) => recycle.drain, 'signal'],
    ['amqp: { gate: false }', ({ recycle }) => recycle.drain, 'signal'],
    ['oom: { adj: 7 }', ({ oom }) => oom.scoreAdj, 411],
    ['oom: { adj: -7 }', ({ oom }) => oom.scoreAdj, -411],
    ['oom: { adj: 15 }', ({ oom }) => oom.scoreAdj, 1000],
    ['oom: { adj: -17 }', ({ oom }) => oom.scoreAdj, -1000],
    ['directory: app', ({ directory }) => directory, join(folder, 'app')],
    ['directory: /srv/', ({ directory }) => directory, '/srv'],
    [
      'stdout: { path: /x/y.log, maxSize: 0 }',
      ({ stdout }) => stdout,
      { path: '/x/y.log', maxSizeBytes: 0, backups: 10, ...LOG_DEFAULTS },
    ],
    [
      'stderr: {}',
      ({ stderr }) => stderr,
      { path: '/var/log/ackwarden/{worker}.stderr.log', maxSizeBytes: 52_428_800, backups: 10, ...LOG_DEFAULTS },
    ],
    ['broker: { embedded: true }', ({ broker }) => broker, { kind: 'embedded' }],
    ['workers: "3"', ({ workers }) => workers, 3],
    ['workers: 0', ({ workers }) => workers, 0],
  ])('%s', (lines, pick, value) => expect(pick(program(lines))).toEqual(value));

  it('come from variables, never as YAML', () => {
    const config = configOf(shop('workers: ${N:-4}\nenvironment: { A: "${TRICK}" }\nuser: ${USER}'), {
      TRICK: 'a: [b]\n# c',
      USER: 'ann',
    });
    expect(config.programs['shop']).toMatchObject({ workers: 4, environment: { A: 'a: [b]\n# c' }, user: 'ann' });
  });
});

describe('defaults and programs', () => {
  const text = `version: 1
defaults:
  user: www-data
  environment: { A: one, B: two }
  memory: &memory { soft: 256MiB, hard: 512MiB }
  start: { exitCodes: [0, 2], retries: 9 }
  oom: { adj: 7 }
  broker: { url: "amqp://a/" }
  stdout: { backups: 3 }
programs:
  own:
    command: x
    user: null
    environment: { B: three }
    memory: { hard: 1GiB }
    start: { exitCodes: [5] }
    oom: { scoreAdj: 100 }
    broker: { embedded: true }
    stderr: { path: e.log }
  plain: { command: y }
  anchored:
    command: z
    memory: { <<: *memory, soft: null }
`;
  const { own, plain, anchored } = configOf(text).programs;

  it('merge maps deeply and replace lists', () =>
    expect(own).toMatchObject({
      user: null,
      environment: { A: 'one', B: 'three' },
      memory: { softBytes: 268_435_456, hardBytes: 1_073_741_824 },
      start: { exitCodes: [5], retries: 9 },
      oom: { scoreAdj: 100 },
      broker: { kind: 'embedded' },
      stdout: { backups: 3 },
    }));

  it('hold where the program says nothing', () =>
    expect(plain).toMatchObject({
      user: 'www-data',
      environment: { A: 'one', B: 'two' },
      start: { exitCodes: [0, 2] },
      oom: { scoreAdj: 411 },
      broker: { kind: 'url', urls: ['amqp://a/'] },
    }));

  it('know anchors and merge keys', () =>
    expect(anchored?.memory).toMatchObject({ softBytes: null, hardBytes: 536_870_912 }));

  it('remember where each value was written', () => {
    expect(own?.origins['memory.hard']).toEqual({ key: 'programs.own.memory.hard', line: 15 });
    expect(own?.origins['memory.soft']).toEqual({ key: 'defaults.memory.soft', line: 5 });
    expect(own?.origins['environment.A']).toEqual({ key: 'defaults.environment.A', line: 4 });
    expect(own?.origins['start.exitCodes']).toEqual({ key: 'programs.own.start.exitCodes', line: 16 });
    expect(own?.origins['oom.adj']).toBeUndefined();
    expect(own?.origins['workers']).toBeUndefined();
    expect(anchored?.origins['memory.hard']).toEqual({ key: 'programs.anchored.memory.hard', line: 5 });
  });
});

describe('the directories', () => {
  it('of a plain user', () =>
    expect(directories('')).toEqual({
      stateDir: '/tmp/ackwarden-1000',
      dataDir: '/home/ann/.local/state/ackwarden',
      logDir: '/home/ann/.local/state/ackwarden/log',
    }));

  it('of a plain user with XDG variables', () =>
    expect(directories('', { XDG_RUNTIME_DIR: '/run/user/1000', XDG_STATE_HOME: '/state' })).toEqual({
      stateDir: '/run/user/1000/ackwarden',
      dataDir: '/state/ackwarden',
      logDir: '/state/ackwarden/log',
    }));

  it('ignore an XDG variable that is no absolute path', () =>
    expect(directories('', { XDG_RUNTIME_DIR: 'run', XDG_STATE_HOME: '' }).stateDir).toBe('/tmp/ackwarden-1000'));

  it('are relative to workers.yaml', () =>
    expect(directories('stateDir: var/run\nlogDir: ./log\n')).toMatchObject({
      stateDir: join(folder, 'var/run'),
      logDir: join(folder, 'log'),
    }));

  it('leave room for the socket', () => {
    const longest = 107 - '/control.sock.4194304'.length;
    const fits = `/${'x'.repeat(longest - 1)}`;
    expect(directories(`stateDir: ${fits}\n`).stateDir).toBe(fits);
    expect(problemsOf(`stateDir: ${fits}x\n${shop('')}`)).toEqual([
      `workers.yaml:1:11: stateDir: found ${fits}x, which makes a socket path of 108 bytes, expected a shorter directory: Linux takes 107 bytes`,
    ]);
  });
});

describe('other files', () => {
  it('give variables, under those of environment', () => {
    write('.env', 'A=file\nB="x y"\n');
    expect(program('envFile: .env\nenvironment: { A: own }').environment).toEqual({ A: 'own', B: 'x y' });
  });

  it('give the URL of the broker', () => {
    write('url', 'amqp://u:p@h:5672/\n');
    expect(configOf(`broker: { urlFile: url }\n${shop('')}`).broker).toEqual({
      kind: 'url',
      urls: ['amqp://u:p@h:5672/'],
      tls: null,
    });
  });

  it.each([
    ['', 'an empty file'],
    ['amqp://a/\namqp://b/\n', 'more than one line'],
    ['hunter2', 'a line that is no such URL'],
  ])('say what is wrong with a broker URL without showing it: %j', (text, found) => {
    write('url', text);
    expect(problemsOf(`broker: { urlFile: url }\n${shop('')}`)).toEqual([
      `url:1:1: found ${found}, expected a URL such as amqp://user:password@host:5672/, and nothing else`,
    ]);
  });
});

describe('the sample of docs/design.md, section 8', () => {
  const design = readFileSync(new URL('../../../docs/design.md', import.meta.url), 'utf8');
  const sample = /^## 8\.[^]*?^```yaml\n([^]*?)^```/m.exec(design)?.[1] ?? '';

  it('is valid', () => {
    const result = loadText(sample);
    expect(result.ok ? [] : result.problems).toEqual([]);
    expect(sample).toContain('user-coupon-expire');
  });

  it('lies in a folder with a space as well', () => {
    mkdirSync(join(folder, 'a b'), { recursive: true });
    const path = write('a b/workers.yaml', shop('directory: app'));
    const result = loadConfig(path, {}, ROOT);
    expect(result.ok && result.config.programs['shop']?.directory).toBe(join(folder, 'a b/app'));
  });
});
