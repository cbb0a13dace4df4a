import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { execChain } from '../../../src/shim/exec-chain.ts';
import { Facts } from '../../../src/shim/facts.ts';
import { isOfThisBoot } from '../../../src/shim/orphans.ts';
import type { Fact } from '../../../src/shim/protocol.ts';
import type { SpawnSpec } from '../../../src/shim/spawn-spec.ts';
import { incarnationOf, parseRecord, recordName } from '../../../src/shim/record.ts';
import { SpawnQueue } from '../../../src/shim/spawn-queue.ts';
import { workerEnvironment } from '../../../src/shim/worker-environment.ts';
import { spec } from '../../e2e/shim/specs.ts';

const TOOLS = { sh: '/bin/sh', nice: '/n', prlimit: '/p', setpriv: '/s' };
const BOOT = { bootId: 'boot', pidNamespace: '42' };
const chain = (changes: Partial<SpawnSpec>, user: { uid: number; gid: number } | null): string[] =>
  execChain({
    spec: spec('w', ['php', '-v'], '/log', changes),
    boot: BOOT,
    recordPath: '/r/w%231',
    user,
    tools: TOOLS,
  });

describe('execChain', () => {
  test('only what is needed is in it', () => {
    const argv = chain({ umask: 0o7, oomScoreAdj: -5 }, null);
    expect(argv.slice(0, 2)).toEqual(['/bin/sh', '-c']);
    expect(argv.slice(3)).toEqual(['ackwarden', 'boot', '42', '-5', '/r/w%231', '007', 'php', '-v']);
  });

  test('limits are set before the user is changed', () => {
    const argv = chain({ nice: 3, limits: { nofile: 9, core: null } }, { uid: 1, gid: 2 });
    const words = '/n -n 3 -- /p --nofile=9 --core=unlimited -- /s --reuid=1 --regid=2 --init-groups -- php -v';
    expect(argv.slice(9).join(' ')).toBe(words);
  });

  test('the shell text is the same whatever the spec', () => {
    expect(chain({ argv: ['"; rm -rf /; $(x)'] }, null)[2]).toBe(chain({}, { uid: 1, gid: 1 })[2]);
  });
});

describe('a record', () => {
  const stat = '77 (sh) S 1 77 77 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 4242 0 0';

  test.each([
    [
      'complete',
      `boot 42 500 ${stat}\n`,
      { bootId: 'boot', pidNamespace: '42', oomScoreAdj: 500, pid: 77, startTime: 4242 },
    ],
    ['without a known oom_score_adj', `boot 42 unknown ${stat}\n`, { oomScoreAdj: null, startTime: 4242 }],
    ['half written', `boot 42 500 ${stat}`, null],
    ['empty', '', null],
    ['nonsense', 'hello\n', null],
  ])('%s', (_, text, expected) => {
    const record = parseRecord(text);
    if (expected === null) expect(record).toBeNull();
    else expect(record).toMatchObject(expected);
  });

  test('belongs to this boot only if boot and pid namespace are the same', () => {
    const record = { ...BOOT, oomScoreAdj: null, pid: 1, startTime: 1 };
    expect(isOfThisBoot(record, BOOT)).toBe(true);
    expect(isOfThisBoot(record, { ...BOOT, bootId: 'x' })).toBe(false);
    expect(isOfThisBoot(record, { ...BOOT, pidNamespace: 'x' })).toBe(false);
  });

  test.each(['shop:0#1', '../../etc#1', 'a/b c%#1', '.#1'])('%j has a plain file name', (incarnation) => {
    expect(recordName(incarnation)).toMatch(/^[^/.]+$/);
    expect(incarnationOf(recordName(incarnation))).toBe(incarnation);
  });
});

describe('workerEnvironment', () => {
  const account = { name: 'shop', uid: 1, gid: 1, home: '/home/shop' };
  const environmentOf = (environment: Record<string, string>, withUser: boolean): Record<string, string> =>
    workerEnvironment(spec('w', ['x'], '/log', { environment }), 'life', withUser ? account : null);

  test('has the marker, and the incarnation unless the spec has it', () => {
    expect(environmentOf({}, false)).toEqual({ ACKWARDEN_INCARNATION: 'w#1', ACKWARDEN_SHIM: 'life:w#1' });
    expect(environmentOf({ ACKWARDEN_INCARNATION: 'mine', ACKWARDEN_SHIM: 'other' }, false)).toEqual({
      ACKWARDEN_INCARNATION: 'mine',
      ACKWARDEN_SHIM: 'life:w#1',
    });
  });

  test("has the user's HOME where there is none or only ours", () => {
    const theirs = { HOME: '/home/shop', USER: 'shop', LOGNAME: 'shop' };
    expect(environmentOf({}, true)).toMatchObject(theirs);
    expect(environmentOf({ HOME: userInfo().homedir, USER: userInfo().username }, true)).toMatchObject(theirs);
    expect(environmentOf({ HOME: '/elsewhere' }, true)).toMatchObject({ ...theirs, HOME: '/elsewhere' });
  });
});

describe('Facts', () => {
  const trouble = (path: string, droppedLines: number) =>
    ({ kind: 'logTrouble', path, text: 't', droppedLines }) as const;
  const spawnFailed = { kind: 'spawnFailed', incarnation: 'a#1', field: 'user', text: 't' } as const;

  test('are numbered, kept until acknowledged and told once', () => {
    const told: Fact[] = [];
    const facts = new Facts(
      (fact) => told.push(fact),
      () => true,
    );
    facts.add(spawnFailed);
    facts.add(spawnFailed);
    facts.acknowledge(1);
    expect(facts.kept.map(({ seq }) => seq)).toEqual([2]);
    facts.add(spawnFailed);
    expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test('trouble with one log that nobody reads becomes one fact under a new number', () => {
    let attached = true;
    const facts = new Facts(
      () => undefined,
      () => attached,
    );
    facts.add(trouble('/a', 1));
    attached = false;
    for (let index = 0; index < 1000; index += 1) facts.add(trouble('/a', 2));
    facts.add(trouble('/b', 7));
    expect(facts.kept.map((fact) => (fact.kind === 'logTrouble' ? [fact.path, fact.droppedLines] : null))).toEqual([
      ['/a', 2001],
      ['/b', 7],
    ]);
    facts.acknowledge(1);
    expect(facts.kept).toHaveLength(2);
  });
});

describe('SpawnQueue', () => {
  test.each([true, false])('in order, with a turn for everything else in between; gates: %s', async (hasGates) => {
    const queue = new SpawnQueue(() => hasGates);
    const seen: string[] = [];
    const done = new Promise<void>((settle) => {
      queue.add(() => {
        seen.push('a');
        setImmediate(() => seen.push('in between'));
      });
      queue.add(() => {
        seen.push('b');
        settle();
      });
    });
    await done;
    expect(seen).toEqual(['a', 'in between', 'b']);
  });

  test('where gates are open, a spawn that held the loop up leaves them as long', async () => {
    const queue = new SpawnQueue(() => true);
    const pauseMs = await new Promise<number>((settle) => {
      let ended = 0;
      queue.add(() => {
        for (const until = performance.now() + 8; performance.now() < until;);
        ended = performance.now();
      });
      queue.add(() => settle(performance.now() - ended));
    });
    expect(pauseMs).toBeGreaterThan(5);
  });
});
