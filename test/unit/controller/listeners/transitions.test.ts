import { describe, expect, test } from 'vitest';
import { ticksBetween, groupEvent, remoteEvent, stateEvent } from '../../../../src/controller/listeners/payloads.ts';
import { transitions } from '../../../../src/controller/listeners/transitions.ts';
import { Driven, shop } from '../../core/driven.ts';

/** Payloads of what is told from now on, as `EXITED from_state:RUNNING …`. */
const listenTo = (driven: Driven): string[] => {
  const told: string[] = [];
  const send = driven.send.bind(driven);
  driven.send = (body, afterMs) => {
    const before = driven.state;
    send(body, afterMs);
    for (const change of transitions(before.workers, driven.state.workers, driven.effects)) {
      const { eventName, payload } = stateEvent(change, { group: 'g', name: 'n' });
      told.push(`${eventName.replace('PROCESS_STATE_', '')} ${payload.replace('processname:n groupname:g ', '')}`);
    }
    return driven;
  };
  return told;
};

const up = (given: Parameters<typeof shop>[0] = {}): { driven: Driven; told: string[] } => {
  const driven = Driven.up(given);
  return { driven, told: listenTo(driven) };
};

const AGAIN = ['STARTING from_state:EXITED tries:0', 'RUNNING from_state:STARTING pid:102'];

describe('what is told of a worker', () => {
  test('its first start', () => {
    const driven = new Driven([shop({ auto: false })]);
    const told = listenTo(driven);
    driven.command('start').toRunning();
    expect(told).toEqual(['STARTING from_state:STOPPED tries:0', 'RUNNING from_state:STARTING pid:101']);
  });

  test.each<[string, number | string, Parameters<typeof shop>[0], number]>([
    ['a crash', 255, {}, 0],
    ['a signal', 'SIGSEGV', {}, 0],
    ['an exit code that is expected', 3, { exitCodes: [0, 3] }, 1],
  ])('%s, and the start that follows in the same step', (_, how, given, expected) => {
    const { driven, told } = up(given);
    driven.exits('shop:0#1', how, 60_000).toRunning();
    expect(told).toEqual([`EXITED from_state:RUNNING expected:${expected} pid:101`, ...AGAIN]);
  });

  test('an exit that is not followed by a start', () => {
    const { driven, told } = up({ restart: 'never' });
    driven.exits('shop:0#1', 0);
    expect(told).toEqual(['EXITED from_state:RUNNING expected:1 pid:101']);
    driven.command('start');
    expect(told.at(-1)).toBe('STARTING from_state:EXITED tries:0');
  });

  test('starts that fail until it is given up', () => {
    const driven = new Driven([shop({ retries: 1 })]);
    const told = listenTo(driven);
    driven.spawned('shop:0#1').exits('shop:0#1').timer().spawnFailed('shop:0#2');
    expect(told).toEqual([
      'BACKOFF from_state:STARTING tries:1',
      'STARTING from_state:BACKOFF tries:1',
      'BACKOFF from_state:STARTING tries:2',
      'FATAL from_state:BACKOFF',
    ]);
  });

  test('a stop, and a restart', () => {
    const { driven, told } = up();
    driven.command('restart').exits('shop:0#1', 0).toRunning().command('stop').exits('shop:0#2', 0);
    expect(told).toEqual([
      'STOPPING from_state:RUNNING pid:101',
      'STOPPED from_state:STOPPING pid:101',
      'STARTING from_state:STOPPED tries:0',
      'RUNNING from_state:STARTING pid:102',
      'STOPPING from_state:RUNNING pid:102',
      'STOPPED from_state:STOPPING pid:102',
    ]);
  });

  test('a recycle with overlap is a stop and a start, once the roles are exchanged', () => {
    const { driven, told } = up({ overlap: true });
    driven.command('recycle').toRunningSwap().exits('shop:0#1', 0);
    expect(told).toEqual([
      'STOPPING from_state:RUNNING pid:101',
      'STOPPED from_state:STOPPING pid:101',
      'STARTING from_state:STOPPED tries:0',
      'RUNNING from_state:STARTING pid:102',
    ]);
  });

  test('nothing of a worker that lives on under a new controller, or whose neighbour changed', () => {
    const { driven, told } = up({ workers: 2 });
    driven.memory(10).broker(false);
    driven.exits('shop:1#1', 1, 60_000);
    expect(told.filter((line) => line.includes('pid:101'))).toEqual([]);
  });

  test('one that is taken out of workers.yaml', () => {
    const { driven, told } = up();
    driven.send({ type: 'config', programs: [], hostMaxConcurrent: 1, reserveBytes: 0 });
    expect(told).toEqual(['STOPPING from_state:RUNNING pid:101']);
  });
});

test.each([
  [4, 5, ['TICK_5 when:5']],
  [5, 9, []],
  [59, 60, ['TICK_5 when:60', 'TICK_60 when:60']],
  [3_599, 3_602, ['TICK_5 when:3600', 'TICK_60 when:3600', 'TICK_3600 when:3600']],
  [14, 31, ['TICK_5 when:30']],
  [11, 4, ['TICK_5 when:0']],
])('ticks between %i s and %i s', (before, now, ticks) => {
  const told = ticksBetween(before, now).map(({ eventName, payload }) => `${eventName} ${payload}`);
  expect(told).toEqual(ticks);
});

test('groups and remote words', () => {
  expect(groupEvent('shop', 'ADDED')).toEqual({ eventName: 'PROCESS_GROUP_ADDED', payload: 'groupname:shop\n' });
  expect(remoteEvent('a', 'b\nc')).toEqual({ eventName: 'REMOTE_COMMUNICATION', payload: 'type:a\nb\nc' });
});
