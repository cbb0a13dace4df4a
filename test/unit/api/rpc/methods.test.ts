import { describe, expect, test } from 'vitest';
import { dispatcher } from '../../../../src/api/rpc/dispatch.ts';
import { Fault } from '../../../../src/api/rpc/faults.ts';
import type { SupervisedProcess, Supervisor } from '../../../../src/api/rpc/supervisor.ts';
import type { RpcValue } from '../../../../src/api/rpc/value.ts';
import { aProcess, fakeSupervisor } from './fake-supervisor.ts';

const STATES = ['RUNNING', 'DRAINING', 'STARTING', 'BACKOFF', 'STOPPING', 'STOPPED', 'EXITED', 'FATAL'] as const;

const ask = async (supervisor: Supervisor, method: string, ...params: RpcValue[]): Promise<RpcValue> => {
  try {
    return await dispatcher(supervisor)({ method: method.includes('.') ? method : `supervisor.${method}`, params });
  } catch (error) {
    if (error instanceof Fault) return `fault ${error.code} ${error.message}`;
    throw error;
  }
};

const one = (state: SupervisedProcess['state'], overrides: Partial<Supervisor> = {}) =>
  fakeSupervisor([aProcess({ state, pid: state === 'STOPPED' ? null : 7 })], overrides);

const team = () =>
  fakeSupervisor([
    aProcess({ group: 'team', name: 'b', priority: 1 }),
    aProcess({ group: 'team', name: 'a', state: 'STOPPED', pid: null, priority: 2 }),
    aProcess({ group: 'team', name: 'c', state: 'FATAL', pid: null, priority: 0 }),
    aProcess({ group: 'early', name: 'early', groupPriority: 5 }),
  ]);

describe('faults', () => {
  test.each<[string, RpcValue[], string]>([
    ['nosuch', [], 'fault 1 UNKNOWN_METHOD'],
    ['system.nosuch', [], 'fault 1 UNKNOWN_METHOD'],
    ['getState.__class__', [], 'fault 1 UNKNOWN_METHOD'],
    ['supervisor.constructor', [], 'fault 1 UNKNOWN_METHOD'],
    ['x.getState', [], 'fault 1 UNKNOWN_METHOD'],
    ['getVersion', ['extra'], 'fault 2 INCORRECT_PARAMETERS'],
    ['getProcessInfo', [], 'fault 2 INCORRECT_PARAMETERS'],
    ['getProcessInfo', [5], 'fault 2 INCORRECT_PARAMETERS'],
    ['readLog', ['x', 0], 'fault 2 INCORRECT_PARAMETERS'],
    ['readLog', [0, -1], 'fault 3 BAD_ARGUMENTS'],
    ['readLog', [-5, 1], 'fault 3 BAD_ARGUMENTS'],
    ['system.methodHelp', ['nosuch'], 'fault 4 SIGNATURE_UNSUPPORTED'],
    ['system.methodSignature', ['supervisor.nosuch'], 'fault 4 SIGNATURE_UNSUPPORTED'],
    ['getProcessInfo', ['nosuch'], 'fault 10 BAD_NAME: nosuch'],
    ['getProcessInfo', ['cat:*'], 'fault 10 BAD_NAME: cat:*'],
    ['getProcessInfo', ['cat:nosuch'], 'fault 10 BAD_NAME: cat:nosuch'],
    ['startProcess', ['nosuch:*'], 'fault 10 BAD_NAME: nosuch:*'],
    ['startProcessGroup', ['nosuch'], 'fault 10 BAD_NAME: nosuch'],
    ['stopProcessGroup', ['nosuch'], 'fault 10 BAD_NAME: nosuch'],
    ['signalProcessGroup', ['nosuch', 'HUP'], 'fault 10 BAD_NAME: nosuch'],
    ['signalProcess', ['cat', 'XX'], 'fault 11 BAD_SIGNAL: XX'],
    ['signalProcess', ['cat', '0'], 'fault 11 BAD_SIGNAL: 0'],
    ['readProcessStdoutLog', ['cat', 0, 0], 'fault 20 NO_FILE: /nonexistent/stdout.log'],
    ['readProcessStderrLog', ['cat', 0, 0], 'fault 20 NO_FILE: None'],
    ['tailProcessStdoutLog', ['nosuch', 0, 0], 'fault 10 BAD_NAME: nosuch'],
    ['addProcessGroup', ['nosuch'], 'fault 10 BAD_NAME: nosuch'],
    ['addProcessGroup', ['cat'], 'fault 90 ALREADY_ADDED: cat'],
    ['removeProcessGroup', ['nosuch'], 'fault 10 BAD_NAME: nosuch'],
    ['removeProcessGroup', ['cat'], 'fault 91 STILL_RUNNING: cat'],
    ['restart', [], 'fault 92 CANT_REREAD: line 3'],
    ['clearProcessLogs', ['nosuch'], 'fault 10 BAD_NAME: nosuch'],
    ['clearProcessLogs', ['cat:*'], 'fault 10 BAD_NAME: cat:*'],
    ['sendProcessStdin', ['cat', 5], 'fault 2 INCORRECT_PARAMETERS'],
    ['sendProcessStdin', ['nosuch', 'x'], 'fault 10 BAD_NAME: nosuch'],
  ])('%s(%j) → %s', async (method, params, fault) => {
    expect(await ask(one('RUNNING'), method, ...params)).toBe(fault);
  });

  test('while everything is shut down, only system.* is served', async () => {
    const ending = one('RUNNING', { isShuttingDown: () => true });
    expect(await ask(ending, 'getState')).toBe('fault 6 SHUTDOWN_STATE');
    expect(await ask(ending, 'stopProcess', 'cat')).toBe('fault 6 SHUTDOWN_STATE');
    expect(await ask(ending, 'system.listMethods')).toContain('supervisor.getState');
  });

  test('a command that cannot be executed is told before anything is tried', async () => {
    const missing = one('STOPPED', { executableProblem: () => ({ kind: 'missing', text: 'no /x' }) });
    expect(await ask(missing, 'startProcess', 'cat')).toBe('fault 20 NO_FILE: no /x');
    const plain = one('STOPPED', { executableProblem: () => ({ kind: 'notExecutable', text: '/x' }) });
    expect(await ask(plain, 'startProcess', 'cat')).toBe('fault 21 NOT_EXECUTABLE: /x');
    expect([...missing.done, ...plain.done]).toEqual([]);
  });
});

describe('by state', () => {
  const started = new Set(['RUNNING', 'DRAINING', 'STARTING', 'BACKOFF']);
  test.each(STATES)('startProcess of a %s process', async (state) => {
    const expected = started.has(state) ? 'fault 60 ALREADY_STARTED: cat' : true;
    expect(await ask(one(state), 'startProcess', 'cat')).toBe(expected);
  });

  const stoppable = new Set([...started, 'STOPPING']);
  test.each(STATES)('stopProcess of a %s process', async (state) => {
    expect(await ask(one(state), 'stopProcess', 'cat')).toBe(stoppable.has(state) ? true : 'fault 70 NOT_RUNNING: cat');
  });

  const signallable = new Set(['RUNNING', 'DRAINING', 'STARTING', 'STOPPING']);
  test.each(STATES)('signalProcess of a %s process', async (state) => {
    const expected = signallable.has(state) ? true : 'fault 70 NOT_RUNNING: cat';
    expect(await ask(one(state), 'signalProcess', 'cat', 'hup')).toBe(expected);
  });

  test.each([
    ['spawnError', 'fault 50 SPAWN_ERROR: cat'],
    ['ended', 'fault 40 ABNORMAL_TERMINATION: cat'],
  ] as const)('a start that ends with %s', async (kind, fault) => {
    expect(await ask(one('STOPPED', { start: () => Promise.resolve({ kind }) }), 'startProcess', 'cat')).toBe(fault);
  });

  test('a stop that does not end is FAILED, which clients print', async () => {
    const late = one('RUNNING', { stop: () => Promise.resolve({ kind: 'late', text: 'not yet' }) });
    expect(await ask(late, 'stopProcess', 'cat')).toBe('fault 30 FAILED: cat: not yet');
  });
});

describe('many', () => {
  const item = (name: string, group = 'team') => ({ name, group, status: 80, description: 'OK' });

  test('a group starts what is not running, by priority', async () => {
    const supervisor = team();
    expect(await ask(supervisor, 'startProcess', 'team:*', false)).toEqual([item('c'), item('a')]);
    expect(await ask(supervisor, 'startProcessGroup', 'team')).toEqual([item('c'), item('a')]);
    expect(supervisor.done).toEqual([
      'start team/c false',
      'start team/a false',
      'start team/c true',
      'start team/a true',
    ]);
  });

  test('all that run are stopped, groups by priority', async () => {
    expect(await ask(team(), 'stopAllProcesses')).toEqual([item('early', 'early'), item('b')]);
  });

  test('a fault of one is a result among the others', async () => {
    const supervisor = { ...team(), stop: () => Promise.resolve({ kind: 'late', text: 'x' } as const) };
    expect(await ask(supervisor, 'stopProcessGroup', 'team')).toEqual([
      { name: 'b', group: 'team', status: 30, description: 'FAILED: team:b: x' },
    ]);
    expect(await ask(team(), 'signalProcess', 'team:', 'XX')).toEqual([
      { name: 'b', group: 'team', status: 11, description: 'BAD_SIGNAL: XX' },
    ]);
  });

  test('signals by name or number reach each living process', async () => {
    const supervisor = team();
    await ask(supervisor, 'signalAllProcesses', '1');
    await ask(supervisor, 'signalProcessGroup', 'team', 'SIGUSR2');
    expect(supervisor.done).toEqual(['signal early/early HUP', 'signal team/b HUP', 'signal team/b USR2']);
  });

  test('status is in the order of the names', async () => {
    const infos = (await ask(team(), 'getAllProcessInfo')) as Record<string, string>[];
    expect(infos.map(({ group, name }) => `${group}:${name}`)).toEqual(['early:early', 'team:a', 'team:b', 'team:c']);
  });
});

describe('the rest', () => {
  test('groups are reread, added and removed', async () => {
    expect(await ask(one('RUNNING'), 'reloadConfig')).toEqual([[['a'], ['c'], ['r']]]);
    const invalid = one('RUNNING', { reread: () => ({ kind: 'invalid', text: 'line 3' }) });
    expect(await ask(invalid, 'reloadConfig')).toBe('fault 92 CANT_REREAD: line 3');
    expect(await ask(one('RUNNING'), 'addProcessGroup', 'new')).toBe(true);
    expect(await ask(one('RUNNING'), 'removeProcessGroup', 'old')).toBe(true);
  });

  test('input is written, events are sent also at the end', async () => {
    const supervisor = fakeSupervisor([aProcess({})]);
    await ask(supervisor, 'sendProcessStdin', 'cat', 'hello\n');
    await ask({ ...supervisor, isShuttingDown: () => true }, 'sendRemoteCommEvent', 'a', 'b');
    expect(supervisor.done).toEqual(['write cat/cat hello\n', 'tell a b']);
  });

  test('input has to have somewhere to go', async () => {
    expect(await ask(one('STOPPED'), 'sendProcessStdin', 'cat', 'x')).toBe('fault 70 NOT_RUNNING: cat');
    expect(await ask(one('STOPPING'), 'sendProcessStdin', 'cat', 'x')).toBe('fault 70 NOT_RUNNING: cat');
    const refusing = (why: 'notRunning' | 'closed' | 'tooLong'): Promise<unknown> =>
      ask(one('RUNNING', { writeStdin: () => ({ why, text: 'at most 2' }) }), 'sendProcessStdin', 'cat', 'xxx');
    expect(await refusing('closed')).toBe('fault 20 NO_FILE: cat');
    expect(await refusing('notRunning')).toBe('fault 70 NOT_RUNNING: cat');
    expect(await refusing('tooLong')).toBe('fault 3 BAD_ARGUMENTS: at most 2');
  });
});

describe('system', () => {
  test('multicall makes the calls one after the other and puts faults in their place', async () => {
    const order: string[] = [];
    const slow = one('STOPPED', {
      start: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push('started');
        return { kind: 'running' };
      },
      shutdown: () => order.push('shutdown'),
    });
    const calls = [
      { methodName: 'supervisor.startProcess', params: ['cat'] },
      { methodName: 'supervisor.shutdown' },
      { methodName: 'supervisor.getProcessInfo', params: ['no'] },
      { methodName: 'system.multicall', params: [[]] },
      { params: [] },
      { methodName: 'supervisor.getVersion', params: 'x' },
      'not a struct',
    ];
    const faulty = (faultCode: number, faultString: string) => ({ faultCode, faultString });
    expect(await ask(slow, 'system.multicall', calls as RpcValue)).toEqual([
      true,
      true,
      faulty(10, 'BAD_NAME: no'),
      faulty(2, 'INCORRECT_PARAMETERS: Recursive system.multicall forbidden'),
      faulty(2, 'INCORRECT_PARAMETERS: No methodName'),
      faulty(2, 'INCORRECT_PARAMETERS'),
      faulty(2, 'INCORRECT_PARAMETERS: No methodName'),
    ]);
    expect(order).toEqual(['started', 'shutdown']);
  });

  test('every method has help and a signature', async () => {
    const supervisor = one('RUNNING');
    for (const method of (await ask(supervisor, 'system.listMethods')) as string[]) {
      expect(await ask(supervisor, 'system.methodHelp', method)).toMatch(/^[A-Z].*\.\n[^]*@return \w+$/);
    }
    expect(await ask(supervisor, 'system.methodSignature', 'supervisor.startProcess')).toEqual([
      'boolean',
      'string',
      'boolean',
    ]);
  });
});

test('an event for the listeners, also during a shutdown', async () => {
  const supervisor = fakeSupervisor([], { isShuttingDown: () => true });
  expect(await ask(supervisor, 'sendRemoteCommEvent', 'kind', 'words')).toBe(true);
  expect(await ask(supervisor, 'sendRemoteCommEvent', 'kind')).toBe('fault 2 INCORRECT_PARAMETERS');
  expect(supervisor.done).toEqual(['tell kind words']);
});

describe('clear', () => {
  test('one process, and all of them in their order', async () => {
    const supervisor = team();
    expect(await ask(supervisor, 'clearProcessLogs', 'team:b')).toBe(true);
    expect(await ask(supervisor, 'clearProcessLog', 'early')).toBe(true);
    expect(await ask(supervisor, 'clearProcessLogs', 'team:*')).toBe('fault 10 BAD_NAME: team:*');
    expect(supervisor.done).toEqual(['clearLogs team/b', 'clearLogs early/early']);
    const all = (await ask(supervisor, 'clearAllProcessLogs')) as { name: string; status: number }[];
    expect(all.map(({ name, status }) => `${name} ${status}`)).toEqual(['early 80', 'c 80', 'b 80', 'a 80']);
  });

  test('what could not be emptied has failed', async () => {
    const supervisor = one('RUNNING', { clearLogs: () => Promise.resolve('its disk hangs') });
    expect(await ask(supervisor, 'clearProcessLogs', 'cat')).toBe('fault 30 FAILED: cat: its disk hangs');
  });
});
