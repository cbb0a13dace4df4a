/** The peer: Debian's supervisord with a configuration, socket and logs of its own; no system service is touched. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { going, onEnd } from './cleanup.ts';
import { signalQuietly } from '../e2e/controller/site.ts';
import { childrenOf } from './proc.ts';
import { until } from './timing.ts';

export const ABSENT = 'not installed';

export interface PeerRun {
  pid: number;
  ctl: (...words: string[]) => Promise<string>;
  ctlArgv: (...words: string[]) => string[];
  untilRunning: () => Promise<void>;
  end: () => Promise<void>;
}

export interface PeerOptions {
  command: readonly string[];
  count: number;
  environment?: Record<string, string>;
  /** One file for all, as Laravel's manual has it; absent: a file for each. */
  log?: { path: string; maxBytes: string; backups: number };
  /** So many programs of `count` workers each: `w`, `w1`, `w2` … */
  programs?: number;
  stopSeconds?: number;
}

const logLines = ({ log }: PeerOptions): string =>
  log === undefined
    ? ''
    : `redirect_stderr=true
stdout_logfile=${log.path}
stdout_logfile_maxbytes=${log.maxBytes}
stdout_logfile_backups=${log.backups}`;

const configuration = (root: string, options: PeerOptions): string => `
[unix_http_server]
file=${root}/s.sock
[supervisord]
nodaemon=true
logfile=${root}/s.log
pidfile=${root}/s.pid
childlogdir=${root}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${root}/s.sock
${Array.from({ length: options.programs ?? 1 }, (_, index) => program(`w${index || ''}`, options)).join('')}`;

const program = (name: string, options: PeerOptions): string => {
  const { command, count, stopSeconds = 30, environment = {} } = options;
  return `
[program:${name}]
command=${command.join(' ')}
numprocs=${count}
process_name=${name}_%(process_num)d
autorestart=true
stopwaitsecs=${stopSeconds}
environment=${Object.entries(environment)
    .map(([key, value]) => `${key}="${value}"`)
    .join(',')}
${logLines(options)}
`;
};

const output = (argv: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => resolve(text));
  });

/** Start it; null where it is not installed. Resolves at once: its workers are still to come. */
export const startPeer = (options: PeerOptions): PeerRun | null => {
  going();
  if (spawnSync('supervisord', ['--version']).error !== undefined) return null;
  const root = mkdtempSync(join(tmpdir(), 'ackwarden-bench-peer-'));
  const file = join(root, 'supervisord.conf');
  writeFileSync(file, configuration(root, options));
  const daemon = spawn('supervisord', ['-c', file], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
  const ctlArgv = (...words: string[]): string[] => ['supervisorctl', '-c', file, ...words];
  const ctl = (...words: string[]): Promise<string> => output(ctlArgv(...words));
  const isUp = async (): Promise<boolean> =>
    ((await ctl('status')).match(/RUNNING/g) ?? []).length === options.count * (options.programs ?? 1);
  return {
    pid: daemon.pid ?? 0,
    ctl,
    ctlArgv,
    untilRunning: () => until(isUp, 'supervisord runs all', { everyMs: 300 }),
    end: onEnd(() => endPeer(daemon, gone, root)),
  };
};

const endPeer = async (daemon: ChildProcess, gone: Promise<void>, root: string): Promise<void> => {
  const workers = childrenOf(daemon.pid ?? 0);
  daemon.kill('SIGTERM');
  const late = setTimeout(() => {
    daemon.kill('SIGKILL');
    for (const pid of workers) signalQuietly(pid, 'SIGKILL');
  }, 40_000);
  await gone;
  clearTimeout(late);
  rmSync(root, { recursive: true, force: true });
};
