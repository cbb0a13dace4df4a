import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applicable, changesAnything, planReload } from '../../../../src/config/reload/plan.ts';
import type { ReloadPlan } from '../../../../src/config/reload/types.ts';
import type { Config } from '../../../../src/config/types.ts';
import { configOf, shop, write } from '../files.ts';

const GATED = 'amqp: {}\nbroker: { url: "amqp://a/" }';

/** `key effect` of each change of the program `shop`. */
const changes = (before: string, after: string): string[] =>
  keysOf(planReload(configOf(shop(before)), configOf(shop(after))));

const keysOf = ({ programs }: ReloadPlan): string[] =>
  programs.flatMap(({ keys }) => keys.map(({ key, effect }) => `${key} ${effect}`));

const all = 'stateDir: a\ndataDir: a\nlogDir: a\njournal: { path: a }\nsocket: { mode: "0660" }\n';

describe('the plan', () => {
  it.each([
    ['', 'directory: /', ['directory roll']],
    ['', 'user: nobody', ['user roll']],
    ['', 'workers: 3', ['workers workers']],
    ['workers: 2', 'workers: 2\nfirstIndex: 1', ['firstIndex workers']],
    ['environment: { A: x }', 'environment: { A: y, B: z }', ['environment.A roll', 'environment.B roll']],
    ['', 'umask: "077"', ['umask roll']],
    ['', 'nice: 5', ['nice roll']],
    ['limits: { nofile: 10 }', 'limits: { nofile: 20 }', ['limits.nofile roll']],
    ['', 'priority: 5', ['priority live']],
    ['', 'start: { auto: false, seconds: 2s }', ['start.auto live', 'start.seconds live']],
    ['', 'memory: { hard: 1GiB }', ['memory.hard live', 'memory.kill live']],
    ['', 'recycle: { stopTimeout: 3s, budget: 1 per 1m }', ['recycle.stopTimeout live', 'recycle.budget live']],
    ['', 'oom: { adj: 7 }', ['oom.scoreAdj live']],
    ['', 'stdout: { path: x.log }', ['stdout.path roll']],
    ['', 'stdout: { maxSize: 1MiB, backups: 2 }', ['stdout.maxSize live', 'stdout.backups live']],
    ['', 'php: { ini: { memory_limit: 1G } }', ['php.ini.memory_limit roll']],
    [GATED, 'amqp: { prefetch: 5 }\nbroker: { url: "amqp://a/" }', ['amqp.prefetch roll']],
    [GATED, 'amqp: {}\nbroker: { url: "amqp://b/" }', ['broker.url roll']],
    [
      `${GATED}\nrecycle: { drain: signal }`,
      'amqp: {}\nbroker: { url: "amqp://b/" }\nrecycle: { drain: signal }',
      ['broker.url live'],
    ],
    [GATED, `${GATED}\nrecycle: { drain: signal }`, ['recycle.drain roll']],
    // What is the default in other words, and where it is written.
    ['', 'workers: 1\numask: "022"\nrecycle: { stopTimeout: 10000ms }', []],
    ['', '\n\n', []],
  ])('%j → %j', (before, after, expected) => expect(changes(before, after)).toEqual(expected));

  it('names the line, what was and what will be, and no secret', () => {
    const after = 'memory: { soft: 2GiB }\nenvironment: { DB_PASSWORD: b, A: "amqp://u:p@h/" }';
    const { programs } = planReload(configOf(shop('environment: { DB_PASSWORD: a }')), configOf(shop(after)));
    expect(programs[0]?.keys.map(({ path, line, from, to }) => [path, line, from, to])).toEqual([
      ['programs.shop.environment.DB_PASSWORD', 6, '***', '***'],
      ['programs.shop.environment.A', 6, null, 'amqp://u:***@h/'],
      ['programs.shop.memory.soft', 5, null, '2GiB'],
    ]);
    expect(programs[0]?.text).toBe(
      'shop: environment.DB_PASSWORD, environment.A: 1 worker is replaced one after the other; memory.soft holds at once',
    );
  });

  it('sees what an envFile says, and names the key that names it', () => {
    write('shop.env', 'A=1\n');
    const before = configOf(shop('envFile: shop.env'));
    write('shop.env', 'A=2\n');
    const [program] = planReload(before, configOf(shop('envFile: shop.env'))).programs;
    expect(program?.keys).toEqual([
      // The line is that of `envFile`.
      { key: 'environment.A', path: 'programs.shop.environment.A', line: 5, from: '1', to: '2', effect: 'roll' },
    ]);
  });

  it('a shared broker rolls the programs that reach it through a gate', () => {
    const text = (url: string): string =>
      `version: 1\nbroker: { url: "${url}" }\nprograms: { a: { command: x, amqp: {} }, b: { command: y } }\n`;
    const plan = planReload(configOf(text('amqp://a/')), configOf(text('amqp://b/')), () => 2);
    expect(plan.programs.map(({ name, rolls }) => [name, rolls])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(plan.programs[0]?.keys[0]).toMatchObject({ path: 'broker.url', line: 2 });
  });

  it('names workers that come and go', () => {
    const [more] = planReload(configOf(shop('workers: 4')), configOf(shop('workers: 6\nnice: 1'))).programs;
    expect(more).toMatchObject({ starts: ['shop:4', 'shop:5'], stops: [], rolls: true, workers: { from: 4, to: 6 } });
    expect(more?.text).toBe('shop: shop:4, shop:5 start; nice: 4 workers are replaced one after the other');
    const [renamed] = planReload(configOf(shop('')), configOf(shop('workerName: "w{index}"\nnice: 1'))).programs;
    expect(renamed).toMatchObject({ starts: ['w0'], stops: ['shop:0'], rolls: false });
  });

  it('what only another controller can take up keeps its value, and it is said', () => {
    const before = configOf(shop(''));
    const after = configOf(all + shop(''));
    const plan = planReload(before, after);
    expect(plan.notApplied.map(({ path }) => path)).toEqual(['stateDir', 'dataDir', 'journal.path', 'socket.mode']);
    expect(plan.notApplied[0]?.text).toMatch(/^stateDir stays .* another stateDir is another fleet/);
    expect(plan.settings.map(({ path }) => path)).toEqual(['logDir']);
    expect(applicable(before, after)).toMatchObject({ stateDir: before.stateDir, logDir: after.logDir });
  });

  it('an embedded broker neither comes nor goes', () => {
    const before = configOf(`broker: { embedded: true }\n${shop('amqp: {}')}`);
    const after = configOf(`broker: { url: "amqp://a/" }\n${shop('amqp: {}')}`);
    const plan = planReload(before, after);
    expect(plan.programs[0]?.change).toBe('unchanged');
    expect(plan.notApplied.map(({ path }) => path)).toEqual(['broker.url', 'broker.embedded']);
    expect(applicable(before, after).broker).toEqual({ kind: 'embedded' });
  });
});

const LINES = [
  'workers: 3',
  'directory: /tmp',
  'environment: { A: "1" }',
  'memory: { soft: 1GiB, hard: 2GiB }',
  'stderr: { path: e.log }',
  'amqp: {}',
  'nice: 4',
  'oom: { scoreAdj: 3 }',
  'recycle: { drain: signal }',
];
const TOPS = ['logDir: x\n', 'stateDir: y\n', 'host: { reserve: 1GiB }\n', 'broker: { url: "amqp://h/" }\n', ''];
const drawn: fc.Arbitrary<Config> = fc
  .tuple(fc.subarray(LINES), fc.constantFrom(...TOPS), fc.boolean())
  .map(([lines, top, more]) => configOf(`${top}${shop(lines.join('\n'))}${more ? '\n  mail: { command: x }\n' : ''}`));

describe('every plan', () => {
  it('from a configuration to itself is empty', () =>
    fc.assert(
      fc.property(drawn, (config) => {
        const plan = planReload(config, config);
        expect(changesAnything(plan)).toBe(false);
        expect(plan.notApplied).toEqual([]);
      }),
      { numRuns: 30 },
    ));

  it('leaves nothing to do once it is applied', () =>
    fc.assert(
      fc.property(drawn, drawn, (before, after) => {
        const plan = planReload(before, after);
        const again = planReload(applicable(before, after), after);
        expect(changesAnything(again)).toBe(false);
        expect(again.notApplied.map(({ path }) => path)).toEqual(plan.notApplied.map(({ path }) => path));
      }),
      { numRuns: 60 },
    ));
});
