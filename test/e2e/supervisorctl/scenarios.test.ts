/**
 * supervisor's own end-to-end scenarios, restated (its tests/test_end_to_end.py; the numbers are its issues): one supervisord.conf with the
 * programs of all, imported, run by us, looked at by Debian's supervisorctl. Those about event listeners alone: test/e2e/listeners.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Site } from '../controller/site.ts';

const SUPERVISORCTL = '/usr/bin/supervisorctl';
const LISTENER = '/usr/lib/python3/dist-packages/supervisor/tests/fixtures/listener.py';
const BRIDGE = 'The Øresund bridge ends in Malmö';
const HASH = 'hash=57d94b…381088';
/** In the environment of who starts the daemon. */
const PERCENT = { SCENARIO_291A: 'foo_%s_%_%%_%%%_%2_bar' };

const ONCE = 'startsecs=0\nstartretries=0\nautorestart=false\nredirect_stderr=true';

const CONF = `
[supervisord]
nodaemon=true
logfile=/dev/stdout
logfile_maxbytes=0
environment=FOO="set from [supervisord] section",THIS_SHOULD=BE_IN_CHILD_ENV
[program:print_env]
command=/usr/bin/env
${ONCE}
[program:hello]
command=/bin/sh "%(here)s/hello.sh"
stdout_events_enabled=true
redirect_stderr=true
startsecs=0
[program:test_öäü]
command=/bin/sleep 1000
redirect_stderr=true
startsecs=0
[program:percent]
command=/bin/sh -c "echo 'dhcrelay -d -q -a %%h:%%p %%P -i Vlan1000 192.168.0.1'"
${ONCE}
[program:echo_a]
command=/bin/sh -c "echo '%(ENV_FOO)s'"
${ONCE}
[program:echo_b]
command=/bin/sh -c "echo '%(ENV_FOO)s'"
environment=FOO="set from [program] section"
${ONCE}
[program:cat]
command=/bin/cat
startsecs=0
[eventlistener:echo_c]
command=/bin/sh -c "echo '%(ENV_FOO)s' >&2; exec sleep 1000"
environment=FOO="set from [eventlistener] section"
events=PROCESS_STATE_FATAL
startsecs=0
[eventlistener:listener]
command=/usr/bin/python3 ${LISTENER}
events=PROCESS_LOG
startsecs=0
`;

const HELLO = `n=0\nwhile :; do n=$((n+1)); echo "${BRIDGE} - $n"; echo "$n - ${HASH}"; sleep 0.2; done\n`;

describe.runIf(existsSync(SUPERVISORCTL) && existsSync(LISTENER))('scenarios of supervisor', () => {
  const site = new Site({});
  const socket = site.path('state', 'control.sock');
  const clients: ChildProcess[] = [];
  let output: () => string = () => '';

  /** A supervisorctl in its own process; what it has printed so far. */
  const control = (
    line: string,
    environment: Record<string, string> = {},
  ): { said: () => string; type: (text: string) => unknown; code: Promise<unknown> } => {
    const client = spawn('/bin/sh', ['-c', `exec ${SUPERVISORCTL} -s "unix://$SOCKET" ${line}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', SOCKET: socket, ...environment },
    });
    clients.push(client);
    const type = (text: string): unknown => client.stdin.write(`${text}\n`);
    let said = '';
    client.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    return { said: () => said, type, code: new Promise((resolve) => client.once('close', resolve)) };
  };

  const told = async (line: string, environment?: Record<string, string>): Promise<string> => {
    const { said, code } = control(line, environment);
    await code;
    return said();
  };

  const follows = async (line: string, texts: string[], environment?: Record<string, string>): Promise<void> => {
    const { said } = control(line, environment);
    await site.until(() => texts.every((text) => said().includes(text)), `${line} shows ${texts.join(', ')}`);
  };

  const tail = async (name: string): Promise<string[]> => (await told(`tail -100000 ${name}`)).trim().split('\n');

  beforeAll(async () => {
    const conf = site.path('supervisord.conf');
    writeFileSync(conf, CONF);
    writeFileSync(site.path('hello.sh'), HELLO);
    const imported = await site.cli('import', '--apply-names', conf);
    expect(imported).toMatchObject({ code: 0 });
    // What a person adds: workers of ackwarden have no standard input by default.
    const document = imported.stdout.replace(/^ {4}command: \/bin\/cat$/m, '$&\n    stdin: open');
    site.rewrite(`${document}\nstateDir: state\ndataDir: data\nlogDir: log\nhost: { reserve: 0 }\n`);
    ({ output } = await site.run(PERCENT));
    await site.untilStatus(
      ({ workers }) => workers.every(({ state }) => state === 'RUNNING' || state === 'EXITED'),
      'each runs, or has run',
    );
  });

  afterEach(() => {
    for (const client of clients.splice(0)) client.kill('SIGKILL');
  });
  afterAll(() => site.dispose());

  test('291a: percent signs in the environment of the daemon reach the process', async () => {
    expect(await tail('print_env')).toContain(`SCENARIO_291A=${PERCENT.SCENARIO_291A}`);
  });

  test('550: the environment of [supervisord] reaches the process', async () => {
    expect(await tail('print_env')).toContain('THIS_SHOULD=BE_IN_CHILD_ENV');
    expect(await told('status print_env')).toMatch(/^print_env +EXITED /);
  });

  test('565: tail -f of a log that is not ASCII, beside a listener for what is printed', async () => {
    // `tail -f` begins with what was printed last, which on a slow machine is not the first line any more.
    const line = new RegExp(`^${BRIDGE} - [0-9]+$`, 'gm');
    const { said } = control('tail -f hello');
    const seen = (): string[] => said().match(line) ?? [];
    await site.until(() => seen().length > 0, 'the log begins');
    const atFirst = seen().length;
    await site.until(() => seen().length >= atFirst + 3, 'one line after the other comes');
    const numbers = seen().map((text) => Number(text.split(' - ')[1]));
    const [first = 0] = numbers;
    expect(numbers).toEqual(numbers.map((_, index) => first + index));
  });

  test('664: a name that is not ASCII', async () => {
    expect(await told('status')).toMatch(/^test_öäü +RUNNING /m);
    expect(await told('restart test_öäü')).toBe('test_öäü: stopped\ntest_öäü: started\n');
  });

  test('835: sendProcessStdin, twice on one connection', async () => {
    const script = `
import sys
from xmlrpc.client import ServerProxy
from supervisor.xmlrpc import SupervisorTransport
server = ServerProxy('http://anything/RPC2', SupervisorTransport('', '', sys.argv[1]))
for text in sys.argv[2:]:
    assert server.supervisor.sendProcessStdin('cat', text) is True
`;
    const client = spawn('/usr/bin/python3', ['-c', script, `unix://${socket}`, BRIDGE, ', hello\n'], {
      stdio: 'inherit',
    });
    expect(await new Promise((resolve) => client.once('exit', resolve))).toBe(0);
    await follows('tail -f cat', [`${BRIDGE}, hello\n`]);
  });

  test('836: fg sends what is typed and shows what comes back', async () => {
    const { said, type } = control('fg cat');
    for (const line of ['Hi', 'Hello', `${BRIDGE}!`]) {
      type(line);
      await site.until(() => said().includes(`${line}\n`), `${line} comes back`);
    }
  });

  test('nobody types to an event listener, nor to who has no input', async () => {
    for (const name of ['listener', 'hello']) {
      const { said, type } = control(`fg ${name}`);
      type('Hi');
      await site.until(() => said().includes(`ERROR: <Fault 20: 'NO_FILE: ${name}'>`), `${name} has no input`);
    }
  });

  test('986: two percent signs in a command are one', async () => {
    expect(await tail('percent')).toEqual(['dhcrelay -d -q -a %h:%p %P -i Vlan1000 192.168.0.1']);
  });

  test('1054: avail', async () => {
    expect(await told('avail')).toMatch(/^hello +in use +auto +999:999$/m);
  });

  test('1170a: %(ENV_x)s of the environment of [supervisord]', async () => {
    expect(await tail('echo_a')).toEqual(['set from [supervisord] section']);
  });

  test('1170b: the environment of the program goes before it', async () => {
    expect(await tail('echo_b')).toEqual(['set from [program] section']);
  });

  test('1170c: so does that of an event listener', async () => {
    await site.until(() => site.log('echo_c.log') !== '', 'it has written');
    expect(site.log('echo_c.log')).toBe('set from [eventlistener] section\n');
  });

  test('1224: a main log that cannot be rotated', async () => {
    await site.until(() => output().includes('hello'), 'it tells on stdout what it does');
    expect(await told('maintail -100000')).toContain('success: hello entered RUNNING state');
  });

  test.each([
    ['1231a', 'tail -f hello', 'C.UTF-8'],
    ['1231b', 'tail -f hello', 'oops'],
    ['1231c', 'tail hello', 'oops'],
  ])('%s: %s in the locale %s', async (_issue, line, locale) => {
    await follows(line, line.includes('-f') ? [`1 - ${HASH}`, `3 - ${HASH}`] : [` - ${HASH}`], { LANG: locale });
  });

  test('1298: tail -f into a pipe', async () => {
    await follows('tail -f hello | /bin/cat -u', [`2 - ${HASH}`]);
  });

  test('1596: who hangs up, before and while it is answered, disturbs nobody', async () => {
    const begin = (request: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const client = connect(socket, () => client.write(request, () => setImmediate(() => client.destroy())));
        client.once('error', reject).once('close', () => resolve());
      });
    const requests = [
      '',
      'POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n<?xml',
      'GET /logtail/hello HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /mainlogtail HTTP/1.1\r\nHost: x\r\n\r\n',
    ];
    const { pid } = (await site.client.status([])).controller;
    await Promise.all(Array.from({ length: 20 }, () => requests.map(begin)).flat());
    expect((await told('pid')).trim()).toBe(String(pid));
    expect(output()).not.toContain('failed');
  });
});
