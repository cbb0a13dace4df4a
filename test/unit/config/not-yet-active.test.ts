import { describe, expect, it } from 'vitest';
import { loadText, shop } from './files.ts';

const rows = (text: string) => loadText(text).notYetActive.map(({ path, line }) => `${line} ${path}`);
const inShop = (lines: string) => rows(shop(lines)).map((row) => row.replace('programs.shop.', ''));

describe('what is not built yet', () => {
  it.each([
    ['after: []', []],
    ['memory:\n  hard: 1GiB\n  growth: {}', []],
    ['memory: { growth: null, metric: anon }', []],
    ['memory: { metric: pss }', []],
    ['cpu: {}', []],
    ['stuck: {}', ['5 stuck']],
    ['stuck: {}\namqp: {}\nenvironment: { RABBITMQ_HOST: rabbit }', []],
    ['stuck: {}\namqp: { gate: false }', ['5 stuck']],
    ['cgroup: { max: 1GiB }', ['5 cgroup']],
    ['oom: { policy: byState, scoreAdj: 5 }', []],
    ['oom: { policy: fixed, scoreAdj: 5 }', []],
    ['php: { disableExtensions: [a], ini: { a: b } }', []],
    ['recycle: { drainTimeout: 5s, settle: 1s, onStuckDrain: kill }', []],
    ['recycle: { drain: signal, settle: 1s }\namqp: {}', []],
    ['recycle: { drain: signal }\namqp: { prefetch: 3 }', ['6 amqp.prefetch']],
    ['amqp: { prefetch: 3 }\nenvironment: { RABBITMQ_HOST: rabbit }', []],
    ['amqp: { poison: { action: reject } }\nenvironment: { RABBITMQ_HOST: rabbit }', []],
    ['amqp: { gate: false }', []],
    ['amqp: { gate: false, prefetch: 3, poison: {} }', ['5 amqp.prefetch', '5 amqp.poison']],
  ])('%s', (lines, expected) => expect(inShop(lines)).toEqual(expected));

  it.each([
    ['language: zh-CN', ['1 language']],
    ['language: en', []],
    ['host: { swapIn: 1MiB/s, pressure: 5%, reserve: 1GiB, for: 5s }', []],
    ['notify: []', []],
    ['notify: [{ webhook: "https://h/x" }]', ['1 notify']],
    ['defaults: { cgroup: { max: 1GiB }, recycle: { settle: 1s } }', ['1 defaults.cgroup']],
  ])('%s', (line, expected) => expect(rows(`${line}\n${shop('')}`)).toEqual(expected));

  it('is said in a sentence', () =>
    expect(loadText(shop('cgroup: { max: 1GiB }')).notYetActive).toEqual([
      {
        path: 'programs.shop.cgroup',
        line: 5,
        text: 'programs.shop.cgroup is not yet active: no cgroup is made; the ceilings hold.',
      },
    ]));

  it('is said of an invalid file, too', () =>
    expect(inShop('cgroup: { max: 1GiB }\nworkers: -1')).toEqual(['5 cgroup']));
});
