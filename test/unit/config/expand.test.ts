import { describe, expect, it } from 'vitest';
import { expandWorkers } from '../../../src/config/expand.ts';
import { fillTemplate, variesByIndex } from '../../../src/config/templates.ts';
import { configOf, shop } from './files.ts';

const WORDS = { program: 'shop', worker: 'shop:7', index: 7 };

const LOG_DEFAULTS = {
  daily: false,
  compress: false,
  format: 'text',
  timestamps: false,
  prefix: false,
  stripAnsi: false,
  forward: false,
} as const;

describe('template words', () => {
  it.each([
    ['{program}/{worker}/{index}', 'shop/shop:7/7'],
    ['{index:02}-{index:03}', '07-007'],
    [
      '{Program} {worker } {index:2} {index:00} {other} {} {{index}}',
      '{Program} {worker } {index:2} {index:00} {other} {} {7}',
    ],
  ])('%s', (template, text) => expect(fillTemplate(template, WORDS)).toBe(text));

  it('does not fill in what it has filled in', () =>
    expect(fillTemplate('{worker}', { ...WORDS, worker: '{index}' })).toBe('{index}'));

  it.each([
    ['{program}', false],
    ['{index}', true],
    ['{index:02}', true],
    ['{worker}', true],
  ])('%s varies by index: %s', (template, varies) => expect(variesByIndex(template)).toBe(varies));
});

describe('the workers of a program', () => {
  const { programs } = configOf(
    shop(`command: ["php", "--worker={worker}", "{json}"]
workers: 2
firstIndex: 3
environment: { W: "{worker}", I: "{index:02}" }
stdout: { path: "{program}/{worker}.log" }
stderr: { path: "/var/{index}.err" }`).replace('    command: php x\n', '') + 'logDir: /logs\n',
  );
  const { shop: program } = programs;
  if (program === undefined) throw new Error('no program');
  const workers = expandWorkers(program);

  it('are named by their index', () =>
    expect(workers.map(({ name, index }) => [name, index])).toEqual([
      ['shop:3', 3],
      ['shop:4', 4],
    ]));

  it('have their words filled in, with a file name in log paths', () =>
    expect(workers[1]).toEqual({
      name: 'shop:4',
      program: 'shop',
      index: 4,
      command: ['php', '--worker=shop:4', '{json}'],
      environment: { W: 'shop:4', I: '04' },
      stdout: { path: '/logs/shop/shop-4.log', maxSizeBytes: 52_428_800, backups: 10, ...LOG_DEFAULTS },
      stderr: { path: '/var/4.err', maxSizeBytes: 52_428_800, backups: 10, ...LOG_DEFAULTS },
    }));

  it('are none with workers: 0', () => expect(expandWorkers({ ...program, workers: 0 })).toEqual([]));
});
