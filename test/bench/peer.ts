/** The peer: Debian's supervisord with a private configuration and socket; nothing of a system service is touched. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Peer {
  ctl: (...args: string[]) => { stdout: string; cpuSeconds: number };
  pids: () => number[];
  stop: () => Promise<void>;
}

/** Null where supervisord is not installed. */
export const startPeer = async (command: string, count: number): Promise<Peer | null> => {
  if (spawnSync('supervisord', ['--version']).error !== undefined) return null;
  const root = mkdtempSync(join(tmpdir(), 'ackwarden-bench-peer-'));
  const file = join(root, 'supervisord.conf');
  writeFileSync(
    file,
    `[unix_http_server]\nfile=${root}/s.sock\n[supervisord]\nnodaemon=true\nlogfile=${root}/s.log\npidfile=${root}/s.pid\n` +
      `[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n` +
      `[supervisorctl]\nserverurl=unix://${root}/s.sock\n` +
      `[program:w]\ncommand=${command}\nnumprocs=${count}\nprocess_name=w_%(process_num)d\nautorestart=true\n`,
  );
  const daemon = spawn('supervisord', ['-c', file], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
  const ctl: Peer['ctl'] = (...args) => {
    const timed = spawnSync(
      'bash',
      ['-c', 'TIMEFORMAT="%U %S"; time supervisorctl "$@"', 'bash', '-c', file, ...args],
      { encoding: 'utf8' },
    );
    const times = timed.stderr.trim().split('\n').at(-1) ?? '';
    return { stdout: timed.stdout, cpuSeconds: times.split(' ').reduce((sum, value) => sum + Number(value), 0) };
  };
  const pids = (): number[] => [...ctl('status').stdout.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]));
  const deadline = Date.now() + 20_000;
  while (pids().length < count && Date.now() < deadline) await pause(200);
  return {
    ctl,
    pids,
    stop: async () => {
      daemon.kill('SIGTERM');
      await gone;
      rmSync(root, { recursive: true, force: true });
    },
  };
};
