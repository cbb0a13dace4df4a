/** The programs of the differential test, once as supervisord.conf and once as workers.yaml. */
import type { Variant } from './sides.ts';

interface Program {
  command: string[];
  numprocs?: number;
  autostart?: false;
  startsecs?: number;
  startretries?: number;
  autorestart?: 'true' | 'false';
  stopwaitsecs?: number;
  stderr?: true;
  group?: string;
  /** Under supervisord everyone's is. */
  stdin?: 'open';
}

const sh = (script: string): string[] => ['/bin/sh', '-c', script];
const SLEEP = ['/bin/sleep', '1000'];
const FAILS = sh('exit 3');
const NEVER_AGAIN = 1000;

const FIRST: Record<string, Program> = {
  solo: { command: SLEEP, startsecs: 1 },
  many: { command: SLEEP, numprocs: 2 },
  alpha: { command: SLEEP, numprocs: 2, group: 'team' },
  beta: { command: SLEEP, group: 'team' },
  manual: { command: SLEEP, autostart: false },
  hup: { command: sh('trap "echo got HUP" HUP; while :; do sleep 0.1; done') },
  stubborn: { command: sh('trap "" TERM; while :; do sleep 0.1; done'), stopwaitsecs: 1 },
  failing: { command: FAILS, startsecs: 1, startretries: 0 },
  trying: { command: FAILS, startsecs: 1, startretries: NEVER_AGAIN },
  // Not at once: whether a start meets it alive must not be a matter of luck.
  done: { command: sh('sleep 0.3; exit 0'), autorestart: 'false' },
  wrong: { command: sh('sleep 0.3; exit 7'), autorestart: 'false' },
  missing: { command: ['/no/such/file'], startretries: 0 },
  plain: { command: ['/etc/passwd'], startretries: 0 },
  talks: { command: sh('echo one; echo "two €"; echo ouch >&2; exec sleep 1000'), stderr: true },
  coloured: { command: sh('printf "\\\\033[31mred\\\\033[0m\\\\n"; exec sleep 1000') },
  // It answers once fg has gone, which may or may not show what comes meanwhile.
  reads: {
    command: sh('read a; read b; read c; read d; sleep 1; echo "got $a, $b, $c, $d" >&2; exec sleep 1000'),
    stderr: true,
    stdin: 'open',
  },
  cut: { command: sh('echo "€€€€€"; exec sleep 1000') },
};

export const programsOf = (variant: Variant): Record<string, Program> => {
  if (variant !== 'second') return FIRST;
  const { beta: _beta, many: _many, ...kept } = FIRST;
  return { ...kept, beta: { ...FIRST['beta'], command: ['/bin/sleep', '2000'] }, fresh: { command: SLEEP } };
};

/** Who may use either side over TCP. */
export const USERNAME = 'deploy';
export const PASSWORD = 'a password: with % none';

export const supervisordConf = (root: string, port: number, variant: Variant): string => {
  const programs = programsOf(variant);
  const sections = Object.entries(programs).map(([name, program]) => {
    const command = program.command.map((word) => (/^[\w/.-]+$/.test(word) ? word : `'${word}'`)).join(' ');
    const keys: Record<string, string | number> = {
      command: command.replaceAll('%', '%%'),
      process_name: program.numprocs === undefined ? name : '%(program_name)s_%(process_num)02d',
      numprocs: program.numprocs ?? 1,
      autostart: String(program.autostart ?? true),
      autorestart: program.autorestart ?? 'true',
      startsecs: program.startsecs ?? 0,
      startretries: program.startretries ?? 3,
      stopwaitsecs: program.stopwaitsecs ?? 10,
      stdout_logfile: `${root}/${name}%(process_num)s.log`,
      ...(program.stderr === true
        ? { stderr_logfile: `${root}/${name}%(process_num)s.err` }
        : { redirect_stderr: 'true' }),
    };
    return `[program:${name}]\n${Object.entries(keys)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('')}`;
  });
  const members = Object.keys(programs).filter((name) => programs[name]?.group === 'team');
  return `[unix_http_server]
file=${root}/control.sock
[inet_http_server]
port=127.0.0.1:${port}
username=${USERNAME}
password=${PASSWORD.replaceAll('%', '%%')}
[supervisord]
logfile=${root}/supervisord.log
pidfile=${root}/supervisord.pid
childlogdir=${root}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[group:team]
programs=${members.join(',')}
${variant === 'broken' ? '[program:broken]\nnumprocs=x\n' : ''}
${sections.join('\n')}`;
};

export const workersYaml = (port: number, variant: Variant): string => {
  const programs = programsOf(variant);
  const members = Object.keys(programs).filter((name) => programs[name]?.group === 'team');
  return JSON.stringify({
    version: 1,
    stateDir: 'state',
    dataDir: 'data',
    logDir: 'log',
    host: { reserve: 0 },
    groups: { team: { programs: members } },
    programs: Object.fromEntries(
      Object.entries(programs).map(([name, program]) => [
        name,
        {
          command: program.command,
          workers: program.numprocs ?? 1,
          workerName: program.numprocs === undefined ? '{program}' : '{program}_{index:02}',
          start: {
            auto: program.autostart ?? true,
            seconds: `${program.startsecs ?? 0}s`,
            retries: program.startretries ?? 3,
            backoff: name === 'trying' ? '100s..300s' : '1s..60s',
            restart: program.autorestart === 'false' ? 'never' : 'always',
          },
          recycle: { stopTimeout: `${program.stopwaitsecs ?? 10}s` },
          ...(program.stdin === undefined ? {} : { stdin: program.stdin }),
          ...(program.stderr === true ? { stderr: { path: '{worker}.err' } } : {}),
          ...(variant === 'broken' && name === 'solo' ? { wrokers: 1 } : {}),
        },
      ]),
    ),
    http: { listen: `127.0.0.1:${port}`, tokenFile: 'token', username: USERNAME, passwordFile: 'password' },
  });
};
