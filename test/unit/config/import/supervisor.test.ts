/**
 * Each fixture twice: as supervisor's own option parser realises it, and as ackwarden understands the workers.yaml that import made of it. The same
 * processes with the same commands, variables, directories and numbers, and the same files refused.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandWorkers } from '../../../../src/config/expand.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import { NO_FILE } from '../../../../src/config/paths.ts';
import type { Config, LogConfig, ProgramConfig } from '../../../../src/config/types.ts';
import { folder, write } from '../files.ts';
import { FIXTURES, allFixtures, imported } from './fixtures.ts';
import type { Fixture } from './fixtures.ts';
import { PYTHON, shortestDifference } from './oracle.ts';

interface Log {
  path: string | null;
  maxBytes: number;
  backups: number;
}

interface Realised {
  nodaemon: boolean;
  directory: string | null;
  umask: number;
  groups: Record<string, number>;
  processes: {
    group: string;
    name: string;
    argv: string[];
    environment: Record<string, string>;
    directory: string | null;
    user: string | null;
    umask: number | null;
    priority: number;
    autostart: boolean;
    autorestart: false | 'RestartUnconditionally' | 'RestartWhenExitUnexpected';
    startsecs: number;
    startretries: number;
    stopsignal: number;
    stopwaitsecs: number;
    exitcodes: number[];
    redirectStderr: boolean;
    stdout: Log;
    stderr: Log;
  }[];
}

const HAS_SUPERVISOR = spawnSync(PYTHON, ['-c', 'import supervisor.options']).status === 0;
const SCRIPT = fileURLToPath(new URL('real-options.py', import.meta.url));

function askSupervisor(fixtures: readonly Fixture[]): (Realised | { error: string })[] {
  const cases = fixtures.map(({ files, env }) => ({ files: files.map((file) => resolve(FIXTURES, file)), env }));
  const output = execFileSync(PYTHON, [SCRIPT], { input: JSON.stringify(cases), encoding: 'utf8', maxBuffer: 1 << 28 });
  return JSON.parse(output) as (Realised | { error: string })[];
}

/** What one process is, in words that both sides have; `own`: a file of its own in logDir. */
interface Row {
  name: string | null;
  argv: string[];
  environment: Record<string, string>;
  directory: string | null;
  user: string | null;
  numbers: unknown[];
  stdout: unknown[];
  stderr: unknown[] | 'stdout';
}

/** Streams that are supervisord's own: `ackwarden run` prints them. */
const OWN = /^\/dev\/(?:stdout|stderr|fd\/\d)$/;

function theirLog({ path, maxBytes, backups }: Log, base: string): unknown[] {
  if (path === 'none') return ['none'];
  if (path !== null && OWN.test(path)) return ['forwarded'];
  return [path === null ? 'own' : resolve(base, path), maxBytes, Math.min(backups, 1000)];
}

const RESTART = { RestartUnconditionally: 'always', RestartWhenExitUnexpected: 'unexpected' } as const;

function theirRows(realised: Realised, keepsNames: boolean): Row[] {
  const base = realised.directory ?? '/';
  return realised.processes.map((process) => ({
    name: keepsNames ? process.name : null,
    argv: process.argv,
    environment: Object.fromEntries(Object.entries(process.environment).filter(([name]) => /^\w+$/.test(name))),
    directory: process.directory === null && realised.nodaemon ? null : resolve(base, process.directory ?? base),
    user: process.user === 'root' ? null : process.user,
    numbers: [
      process.umask ?? realised.umask,
      process.priority,
      process.autostart,
      process.autorestart === false ? 'never' : RESTART[process.autorestart],
      process.startsecs,
      process.startretries,
      process.stopsignal,
      process.stopwaitsecs,
      process.exitcodes,
    ],
    stdout: theirLog(process.stdout, base),
    stderr: process.redirectStderr ? 'stdout' : theirLog(process.stderr, base),
  }));
}

function ourLog({ path, maxSizeBytes, backups, forward }: LogConfig, config: Config): unknown[] {
  if (path === NO_FILE) return [forward ? 'forwarded' : 'none'];
  return [path.startsWith(`${config.logDir}/`) ? 'own' : path, maxSizeBytes, backups];
}

function ourRows(config: Config, keepsNames: boolean): Row[] {
  const rowsOf = (program: ProgramConfig): Row[] =>
    expandWorkers(program).map((worker) => ({
      name: keepsNames ? worker.name : null,
      argv: worker.command,
      environment: worker.environment,
      directory: program.directory === folder ? null : program.directory,
      user: program.user,
      numbers: [
        program.umask,
        program.priority,
        program.start.auto,
        program.start.restart,
        program.start.secondsMs / 1000,
        program.start.retries,
        Object.entries(constants.signals).find(([name]) => name === `SIG${program.recycle.stopSignal}`)?.[1],
        program.recycle.stopTimeoutMs / 1000,
        program.start.exitCodes,
      ],
      stdout: ourLog(worker.stdout, config),
      stderr: worker.stderr === 'stdout' ? 'stdout' : ourLog(worker.stderr, config),
    }));
  return Object.values(config.programs).flatMap(rowsOf);
}

function loaded(yaml: string, env: Fixture['env']): Config {
  const result = loadConfig(write('workers.yaml', yaml), env, { uid: 0, home: '/root' });
  if (result.ok) return result.config;
  throw new Error(result.problems.map(({ text }) => text).join('\n'));
}

const inOrder = (rows: readonly Row[]): Row[] => {
  const plain = rows.map((row) => ({
    ...row,
    environment: Object.fromEntries(Object.entries(row.environment).toSorted(([a], [b]) => a.localeCompare(b))),
  }));
  return plain.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
};

/** Fixtures in which something is said to be different, and what. */
const DIFFERENT: Readonly<Record<string, string>> = {
  limits: 'numbers that workers.yaml does not take',
  braces: 'words that ackwarden fills in',
  'percent-bare': 'a %s that supervisord replaces by all of its variables',
  'environment-quoting': 'quotes that only newer versions read',
  fcgi: 'FastCGI programs, which are not imported',
  'error-no-program': 'a file without programs',
};

/** Fixtures in which not every name can be kept. */
const RENAMED = ['names', 'group-in-two'];

const compared = allFixtures().filter(({ name }) => !(name in DIFFERENT));
const realised = HAS_SUPERVISOR ? askSupervisor(compared) : [];

describe
  .runIf(HAS_SUPERVISOR)
  .each(compared.map((fixture, at) => ({ fixture, theirs: realised[at], name: fixture.name })))(
  '$name',
  ({ fixture, theirs }) => {
    const { yaml } = imported(fixture);

    it('is refused or taken by both', () => {
      expect(yaml === null ? 'refused' : 'taken').toBe(theirs !== undefined && 'error' in theirs ? 'refused' : 'taken');
    });

    it.runIf(yaml !== null)('has the same processes', () => {
      if (theirs === undefined || 'error' in theirs || yaml === null) return;
      const keepsNames = fixture.applyNames && !RENAMED.includes(fixture.name);
      const config = loaded(yaml.replaceAll('/fixtures', FIXTURES), fixture.env);
      expect(inOrder(ourRows(config, keepsNames))).toEqual(inOrder(theirRows(theirs, keepsNames)));
    });
  },
);

/** Values that meet the rules of each key, some of which supervisord refuses. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  command: [
    '/bin/a',
    '/bin/a --n=%(process_num)d',
    'php "a b" %(program_name)s',
    'sh -c \'x "y"\'',
    '/bin/a %(ENV_X)s/%(ENV_Y)s',
    '/bin/a %%',
    '/bin/a %(here)s',
    'a "b',
    '/bin/a %(x)s',
    '/bin/a a\\b $X ${Y}',
  ],
  process_name: [
    '%(program_name)s_%(process_num)02d',
    'p%(process_num)d',
    '%(program_name)s',
    'x',
    '%(process_num)s-%(group_name)s',
    'a b',
  ],
  numprocs: ['1', '2', '3', 'x', ' 2 '],
  numprocs_start: ['0', '1', '10', '-1', '1_0'],
  priority: ['1', '999', '+7', '0'],
  autostart: ['true', 'False', 'ON', '0', 'maybe'],
  autorestart: ['true', 'false', 'unexpected', 'Yes', 'never'],
  startsecs: ['0', '1', '10', '1.5'],
  startretries: ['0', '3', '50'],
  exitcodes: ['0', '0,2', '', '1, 2', '256', 'a'],
  stopsignal: ['TERM', 'SIGQUIT', 'int', '9', 'USR1', 'NOPE', '0x9'],
  stopwaitsecs: ['10', '3600', '0', 'ten'],
  stopasgroup: ['true', 'false'],
  killasgroup: ['true', 'false'],
  user: ['www-data', 'nobody', '%(ENV_X)s', '%(process_num)d'],
  umask: ['022', '0', '27', '0o77', '9'],
  directory: ['/srv', 'sub', '/srv/%(process_num)d', '/srv/%(ENV_X)s', '%(here)s/x'],
  environment: [
    'A="1"',
    'A=1,B="x y"',
    'A="%(process_num)d",B=\'%(ENV_X)s\'',
    'X="own"',
    'A',
    'A="a;b#c",C=""',
    'A="%(ENV_NOPE)s"',
  ],
  redirect_stderr: ['true', 'false'],
  stdout_logfile: [
    '/var/log/a.log',
    'AUTO',
    'auto',
    'NONE',
    '/dev/stdout',
    '/var/log/%(program_name)s-%(process_num)03d.log',
    'rel.log',
    '/var/log/%(ENV_X)s.log',
    '/a%%b',
  ],
  stdout_logfile_maxbytes: ['0', '1MB', '10kb', '5M', '1000'],
  stdout_logfile_backups: ['0', '5', 'x'],
  stderr_logfile: ['/var/log/e.log', 'AUTO'],
};

const separator = fc.constantFrom('=', ' = ', ': ', ':');
const oneKey = fc
  .constantFrom(...Object.keys(VALUES))
  .chain((key) => fc.tuple(fc.constant(key), separator, fc.constantFrom(...(VALUES[key] ?? ['']))))
  .map((parts) => parts.join(''));
const program = fc
  .tuple(
    fc.constantFrom('a', 'b', 'c'),
    fc.constantFrom(...(VALUES['command'] ?? []).slice(0, 6)),
    fc.array(oneKey, { maxLength: 4 }),
  )
  .map(([name, command, keys]) => `[program:${name}]\ncommand=${command}\n${keys.map((key) => `${key}\n`).join('')}`);
const group = fc.constantFrom('', '', '[group:g]\nprograms=a\n', '[group:g]\nprograms=b,a\npriority=5\n');
const daemon = fc.constantFrom(
  '',
  'environment=X="daemon",Z="%(ENV_Y)s"\n',
  'umask=027\n',
  'directory=/opt\nuser=app\n',
);
const configuration = fc
  .tuple(daemon, fc.array(program, { minLength: 1, maxLength: 3 }), group)
  .map(([keys, programs, groups]) => `[supervisord]\n${keys}${programs.join('')}${groups}`);

describe.runIf(HAS_SUPERVISOR)('generated configurations', { timeout: 90_000 }, () => {
  it('are refused by both, or have the same processes', () => {
    const env = { HOME: '/root', PATH: '/usr/bin:/bin', X: 'ex', Y: 'why' };
    const texts = fc.sample(configuration, 150);
    const fixtures = texts.map((text, at) => ({
      name: `${at}`,
      files: [write(`generated-${at}.conf`, text)],
      applyNames: false,
      env,
    }));
    const understood = fixtures.map((fixture) => {
      const { yaml } = imported(fixture);
      return yaml === null ? null : inOrder(ourRows(loaded(yaml, env), false));
    });
    const theirs = askSupervisor(fixtures).map((answer) =>
      'error' in answer ? null : inOrder(theirRows(answer, false)),
    );
    expect(understood.filter((rows) => rows !== null).length).toBeGreaterThan(20);
    expect(shortestDifference(texts, theirs, (text) => understood[texts.indexOf(text)] ?? null)).toBeNull();
  });
});
