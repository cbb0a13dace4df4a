/**
 * A move from supervisord: one supervisord.conf, run by the real supervisord and then, imported, by ackwarden; the real supervisorctl sees the
 * same processes, and the commands of a deploy script go on working.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../controller/site.ts';

const SUPERVISORCTL = '/usr/bin/supervisorctl';
const SUPERVISORD = '/usr/bin/supervisord';

const CONF = `
[unix_http_server]
file=%(here)s/s.sock
[supervisord]
logfile=%(here)s/supervisord.log
pidfile=%(here)s/supervisord.pid
childlogdir=%(here)s
environment=GREETING="hello there"
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://%(here)s/s.sock
[include]
files = conf.d/*.conf
[group:orders]
programs=order-events,order-mails
priority=10
[group:coupons]
programs=coupon-expire
[group:tools]
programs=cleanup,reports
priority=900
`;

const PROGRAMS = `
[program:order-events]
process_name=%(program_name)s_%(process_num)02d
command=/bin/sh "%(here)s/worker.sh" %(program_name)s %(process_num)d ; a comment
numprocs=3
autorestart=true
redirect_stderr=true
[program:order-mails]
command=/bin/sh "%(here)s/worker.sh" %(program_name)s -
autorestart=true
redirect_stderr=true
[program:coupon-expire]
process_name=%(program_name)s_%(process_num)02d
command=/bin/sh "%(here)s/worker.sh" %(program_name)s %(process_num)d
numprocs=2
numprocs_start=1
autorestart=true
redirect_stderr=true
[program:cleanup]
command=/bin/sh "%(here)s/worker.sh" %(program_name)s -
autostart=false
[program:reports]
command=/bin/sh -c "exit 0"
startsecs=0
`;

const available = existsSync(SUPERVISORCTL) && existsSync(SUPERVISORD);

describe.runIf(available)('a move from supervisord', () => {
  const site = new Site({});
  const conf = site.path('conf.d', 'supervisord.conf');

  interface Answer {
    code: number;
    stdout: string;
  }

  const control = (...args: string[]): Promise<Answer> =>
    new Promise((resolve) => {
      execFile(SUPERVISORCTL, ['-c', conf, ...args], (error, stdout) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout });
      });
    });

  /** `orders:order-mails RUNNING`, without pids and times. */
  const states = ({ stdout }: Answer): string[] =>
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).slice(0, 2).join(' '));

  const EXPECTED = [
    'coupons:coupon-expire_01 RUNNING',
    'coupons:coupon-expire_02 RUNNING',
    'orders:order-events_00 RUNNING',
    'orders:order-events_01 RUNNING',
    'orders:order-events_02 RUNNING',
    'orders:order-mails RUNNING',
    'tools:cleanup STOPPED',
    'tools:reports EXITED',
  ];

  const untilExpected = (): Promise<void> =>
    site.until(
      async () => states(await control('status')).join() === EXPECTED.join(),
      'supervisorctl shows all of them',
    );

  beforeAll(() => {
    mkdirSync(site.path('conf.d', 'conf.d'), { recursive: true });
    writeFileSync(conf, CONF);
    writeFileSync(site.path('conf.d', 'conf.d', 'programs.conf'), PROGRAMS.replaceAll('%(here)s/', '%(here)s/../'));
    writeFileSync(site.path('conf.d', 'worker.sh'), 'echo "$GREETING from $1 $2"\nexec sleep 600\n');
  });
  afterAll(() => site.dispose());

  it('begins with the real one', async () => {
    const supervisord = spawn(SUPERVISORD, ['-n', '-c', conf], { stdio: 'ignore' });
    const ended = new Promise((resolve) => supervisord.once('exit', resolve));
    try {
      await untilExpected();
    } finally {
      supervisord.kill('SIGTERM');
      await ended;
    }
  });

  it('imports, checks and runs', async () => {
    const imported = await site.cli('import', '--apply-names', conf);
    expect(imported).toMatchObject({ code: 0, stderr: expect.stringContaining('5 programs and 3 groups imported') });
    site.rewrite(`${imported.stdout}\nstateDir: state\ndataDir: data\nlogDir: log\nhost: { reserve: 0 }\n`);
    expect(await site.cli('check')).toMatchObject({ code: 0 });
    await site.run();
    // What a person changes: where supervisorctl finds its server.
    writeFileSync(
      conf,
      readFileSync(conf, 'utf8').replace('unix://%(here)s/s.sock', `unix://${site.path('state')}/control.sock`),
    );
    await untilExpected();
    expect((await control('status')).code).toBe(3);
  });

  it('stops and starts a group', async () => {
    const stopped = await control('stop', 'orders:*');
    expect(stopped.stdout.trim().split('\n').toSorted()).toEqual([
      'orders:order-events_00: stopped',
      'orders:order-events_01: stopped',
      'orders:order-events_02: stopped',
      'orders:order-mails: stopped',
    ]);
    expect(states(await control('status', 'orders:*')).every((state) => state.endsWith(' STOPPED'))).toBe(true);
    expect((await control('start', 'orders:*')).code).toBe(0);
    expect((await control('status', 'orders:*')).code).toBe(0);
  });

  it('restarts one process, and no other', async () => {
    const pid = async (name: string): Promise<string> => (await control('pid', name)).stdout.trim();
    const before = [await pid('coupons:coupon-expire_01'), await pid('coupons:coupon-expire_02')];
    expect(await control('restart', 'coupons:coupon-expire_02')).toEqual({
      code: 0,
      stdout: 'coupons:coupon-expire_02: stopped\ncoupons:coupon-expire_02: started\n',
    });
    expect(await pid('coupons:coupon-expire_01')).toBe(before[0]);
    expect(await pid('coupons:coupon-expire_02')).not.toBe(before[1]);
  });

  it('gives workers their arguments and their environment', async () => {
    const untilSaid = (name: string, text: string): Promise<void> =>
      site.until(
        async () => (await control('tail', name)).stdout.trim().split('\n').at(-1) === text,
        `${name} says it`,
      );
    await untilSaid('coupons:coupon-expire_02', 'hello there from coupon-expire 2');
    await untilSaid('orders:order-mails', 'hello there from order-mails -');
  });

  it('starts what is not started by itself', async () => {
    expect(await control('start', 'tools:cleanup')).toEqual({ code: 0, stdout: 'tools:cleanup: started\n' });
  });

  it('knows no name that supervisord does not know', async () => {
    expect(await control('restart', 'order-mails')).toMatchObject({ code: 1 });
  });
});
