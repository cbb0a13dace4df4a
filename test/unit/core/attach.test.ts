import { describe, expect, test } from 'vitest';
import { Driven, living, shop } from './driven.ts';

describe('what lives is adopted, never doubled, never restarted', () => {
  test.each([
    ['RUNNING', () => Driven.up(), ['shop:0#1'], 'RUNNING #1'],
    ['STARTING', () => new Driven().spawned('shop:0#1'), ['shop:0#1'], 'STARTING #1'],
    ['swapping', () => Driven.up().finding('shop:0#1').spawned('shop:0#2'), ['shop:0#1', 'shop:0#2'], 'RUNNING #1 +#2'],
  ] as const)('%s', (_where, make, ids, is) => {
    const core = make();
    const before = core.state.workers;
    core.attach(ids.map((id) => living(id)));
    expect(core.is()).toBe(is);
    expect(core.orders()).toEqual([]);
    expect(core.state.workers).toEqual(before);
  });

  test('a spawn whose answer nobody heard', () => {
    const core = new Driven();
    core.attach([living('shop:0#1', { pid: 77, spawnedAt: core.now })]);
    expect(core.life()).toMatchObject({ state: 'STARTING', incarnation: { pid: 77 }, until: core.now + 1_000 });
    expect(new Driven().attach([living('shop:0#1')]).is()).toBe('RUNNING #1');
  });

  test('a spawn that the shim has not carried out yet is waited for, and not ordered a second time', () => {
    const core = new Driven().attach([], [], ['shop:0#1']);
    expect(core.is()).toBe('STARTING #1');
    expect(core.orders()).toEqual([]);
    expect(core.spawned('shop:0#1').timer().is()).toBe('RUNNING #1');
  });

  test('one that should be stopping by now is stopped again before it is there', () => {
    const core = new Driven().command('stop').attach([], [], ['shop:0#1']);
    expect(core.is()).toBe('STOPPING #1 then rest');
    expect(core.orders()).toEqual(['stop shop:0#1']);
    expect(core.spawnFailed('shop:0#1').is()).toBe('STOPPED');
  });

  test('what ended meanwhile is not lost: its fact follows', () => {
    const core = Driven.up().attach([], ['shop:0#1']);
    expect(core.is()).toBe('RUNNING #1');
    expect(core.exits('shop:0#1', 0).is()).toBe('STARTING #2');
  });
});

test('every wait gets its timer anew, since those of the last controller ended with it', () => {
  const core = new Driven().spawnFailed('shop:0#1').attach([]);
  const { until } = { until: 0, ...core.life() };
  expect(core.effects.at(-1)).toEqual({ type: 'timer', worker: 'shop:0', at: until });
});

describe('a stop whose order was lost is ordered again', () => {
  const plan = shop().plan;
  test('of current', () => {
    const core = Driven.up()
      .command('stop')
      .attach([living('shop:0#1')]);
    expect(core.effects).toContainEqual({ type: 'stop', incarnation: 'shop:0#1', plan });
    expect(core.said()).toEqual(['attach attach', 'stop adopt.stopUnheard']);
    expect(core.concluded()).toEqual(['command.stop: overtaken failed']);
    expect(core.exits('shop:0#1', 0).concluded()).toEqual(['adopt.stopUnheard: stopped ok']);
    expect(core.is()).toBe('STOPPED');
  });

  test('of one that leaves, its recycle still open', () => {
    const core = Driven.up({ overlap: false })
      .finding('shop:0#1')
      .attach([living('shop:0#1')]);
    expect(core.concluded()).toEqual([]);
    core.exits('shop:0#1', 0);
    expect(core.concluded()).toEqual(['adopt.stopUnheard: stopped ok']);
    expect(core.spawned('shop:0#2').concluded()).toEqual(['memory.soft: recycled ok']);
    expect(
      Driven.up()
        .finding('shop:0#1')
        .toRunningSwap()
        .attach([living('shop:0#1'), living('shop:0#2')])
        .orders(),
    ).toEqual(['stop shop:0#1']);
  });

  test('not where it is stopping already', () => {
    expect(
      Driven.up()
        .command('stop')
        .attach([living('shop:0#1', { stopping: true })])
        .orders(),
    ).toEqual([]);
  });
});

describe('a process the checkpoint does not know', () => {
  test('becomes current where there is none', () => {
    const core = new Driven([shop({ auto: false })]).attach([living('shop:0#5')]);
    expect(core.is()).toBe('RUNNING #5');
    expect(core.said()).toEqual(['attach attach', 'adopt adopt']);
    expect(core.worker().nextNumber).toBe(6);
    const young = new Driven([shop({ auto: false })]);
    young.attach([living('shop:0#5', { spawnedAt: young.now })]);
    expect(young.is()).toBe('STARTING #5');
  });

  test.each([
    ['current is there', () => Driven.up(), living('shop:0#5'), 'RUNNING #1 -#5'],
    [
      'it is a replacement',
      () => new Driven([shop({ auto: false })]),
      living('shop:0#5', { role: 'replacement' }),
      'STOPPED -#5',
    ],
    [
      'it is being stopped',
      () => new Driven([shop({ auto: false })]),
      living('shop:0#5', { stopping: true }),
      'STOPPED -#5',
    ],
    [
      'everything ends',
      () => new Driven([shop({ auto: false })]).command('shutdown'),
      living('shop:0#5'),
      'STOPPED -#5',
    ],
  ] as const)('is stopped where %s', (_why, make, stranger, is) => {
    const core = make();
    core.attach(core.is().startsWith('RUNNING') ? [living('shop:0#1'), stranger] : [stranger]);
    expect(core.is()).toBe(is);
    expect(core.orders()).toEqual(['stop shop:0#5']);
    expect(core.effects).toContainEqual(expect.objectContaining({ type: 'timer', worker: 'shop:0' }));
    expect(core.exits('shop:0#5', 0).concluded()).toEqual(['adopt.surplus: stopped ok']);
  });

  test('of a worker that is not configured is stopped, remembered, and its number not used again', () => {
    const core = Driven.up().attach([living('shop:0#1'), living('old:0#9', { program: 'old' })]);
    expect(core.orders()).toEqual(['stop old:0#9']);
    expect(core.said()).toEqual(['attach attach', 'stop adopt.notConfigured']);
    expect(core.state.retiredNumbers).toEqual({ 'old:0': 10 });
    expect(core.attach([living('shop:0#1'), living('old:0#9', { stopping: true })]).orders()).toEqual([]);
    expect(core.attach([living('shop:0#1'), living('old:0#9')]).orders()).toEqual(['stop old:0#9']);
    expect(core.attach([living('shop:0#1')]).state.strays).toEqual({});
  });
});

describe('what is missing was lost with its shim', () => {
  test.each([
    ['RUNNING', () => Driven.up(), 'STARTING #2', []],
    ['STARTING', () => new Driven(), 'STARTING #2', ['start.auto: lost failed']],
    ['restarting', () => Driven.up().command('restart'), 'STARTING #2', ['command.restart: lost failed']],
    ['stopping', () => Driven.up().command('stop'), 'STOPPED', ['command.stop: lost failed']],
    ['shutting down', () => Driven.up().command('shutdown'), 'STOPPED', ['command.shutdown: lost failed']],
    [
      'swapping',
      () => Driven.up().finding('shop:0#1').spawned('shop:0#2'),
      'STARTING #3',
      ['start.recycle: lost failed', 'memory.soft: replacement.lost failed'],
    ],
    ['over hard', () => Driven.up().ceiling('shop:0#1'), 'STARTING #3', ['start.recycle: lost failed']],
    ['BACKOFF', () => new Driven().spawnFailed('shop:0#1'), 'BACKOFF spawn.failed', []],
    ['EXITED', () => Driven.up({ restart: 'never' }).exits('shop:0#1'), 'EXITED', []],
  ] as const)('%s → %s', (_where, make, is, concluded) => {
    const core = make().send({ type: 'shimLost' }).attach([]);
    expect(core.is()).toBe(is);
    expect(core.concluded()).toEqual(concluded);
    expect(core.worker().crashes).toEqual([]);
    if (is.startsWith('STARTING')) {
      expect(core.said()).toContain('start start.shimLost');
      core.toRunning();
    }
    expect(core.worker()).toMatchObject({ recycle: null, leaving: [] });
  });

  test('a replacement alone: current stays, and can be recycled again', () => {
    const core = Driven.up()
      .finding('shop:0#1')
      .attach([living('shop:0#1')]);
    expect(core.is()).toBe('RUNNING #1');
    expect(core.concluded()).toEqual(['start.recycle: lost failed', 'memory.soft: replacement.lost failed']);
    expect(core.finding('shop:0#1').is()).toBe('RUNNING #1 +#3');
  });

  test('current alone: its replacement takes over', () => {
    const core = Driven.up()
      .finding('shop:0#1')
      .spawned('shop:0#2')
      .attach([living('shop:0#2', { role: 'replacement' })]);
    expect(core.is()).toBe('STARTING #2');
    expect(core.orders()).toEqual([]);
  });

  test('all at once', () => {
    const core = Driven.up({ workers: 3 }).send({ type: 'shimLost' });
    expect(core.effects.find((effect) => effect.type === 'journal')?.entry.evidence).toEqual({ incarnations: 3 });
    expect(core.state.shim).toBe('lost');
    expect(core.attach([]).orders()).toEqual(['spawn shop:0#2', 'spawn shop:1#2', 'spawn shop:2#2']);
    expect(core.state.shim).toBe('attached');
  });
});
