import { describe, expect, it } from 'vitest';
import { isGated } from '../../../src/config/gated.ts';
import type { Config, ProgramConfig } from '../../../src/config/types.ts';
import { loadText, shop } from './files.ts';

const loaded = (top: string, lines: string): { config: Config; program: ProgramConfig; said: string[] } => {
  const result = loadText(`${top}${top === '' ? '' : '\n'}${shop(lines)}`);
  if (!result.ok) throw new Error(result.problems.map(({ text }) => text).join('\n'));
  const program = result.config.programs['shop'];
  if (program === undefined) throw new Error('no shop');
  return { config: result.config, program, said: result.notYetActive.map(({ line, text }) => `${line}: ${text}`) };
};
const BROKER = 'broker: { url: "amqp://u:p@rabbit:5673/" }';

describe('who gets a gate', () => {
  it.each([
    ['', '', false, null],
    [BROKER, 'recycle: { drain: signal }', false, null],
    [BROKER, 'amqp: {}', true, null],
    [BROKER, 'amqp: { gate: false }', false, null],
    [BROKER, 'amqp: {}\nrecycle: { drain: signal }', false, null],
    ['broker: { embedded: true }', 'amqp: {}', true, null],
    ['', 'amqp: {}\nenvironment: { RABBITMQ_HOST: rabbit }', true, null],
    ['', 'amqp: {}', false, 'nothing says where its broker is'],
    ['', 'amqp: { host: MQ }\nenvironment: { RABBITMQ_HOST: rabbit }', false, 'or MQ in its environment'],
    ['broker: { url: "amqps://u:p@rabbit/" }', 'amqp: {}', true, null],
    [BROKER, 'amqp: { dsn: DSN }', true, null],
    ['', 'amqp: { dsn: DSN }\nenvironment: { DSN: "amqps://u:p@rabbit/%2f" }', true, null],
    [
      '',
      'amqp: { dsn: DSN }\nenvironment: { RABBITMQ_HOST: rabbit }',
      false,
      'write broker, or DSN in its environment',
    ],
    [
      BROKER,
      'amqp: { dsn: DSN }\nenvironment: { DSN: "redis://u:hush@r" }',
      false,
      'DSN in its environment is no AMQP URL',
    ],
  ])('%s, %s: %s', (top, lines, expected, why) => {
    const { config, program, said } = loaded(top, lines);
    expect(isGated(config, program)).toBe(expected);
    expect(said).toEqual(why === null ? [] : [expect.stringContaining(why)]);
    if (why !== null)
      expect(said[0]).toMatch(/^\d+: programs\.shop\.amqp is not active: workers are drained by signal, because /);
  });

  it('the line is that of the amqp map', () => expect(loaded('', 'amqp: {}').said[0]).toMatch(/^5: /));
});

describe('what is said of programs beside a broker that do not say how they are drained', () => {
  const said = (settings: Record<string, unknown>): string[] => {
    const result = loadText(JSON.stringify({ version: 1, ...settings }));
    if (!result.ok) throw new Error(result.problems.map(({ text }) => text).join('\n'));
    return result.notYetActive.map(({ path, text }) => `${path} · ${text.split(', so ')[0]}`);
  };
  const command = 'sleep 1';
  const broker = { url: 'amqp://localhost/' };
  const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, { command }]));

  it.each<[string, Record<string, unknown>, string[]]>([
    ['no broker', { programs: { shop: { command } } }, []],
    ['a gate', { broker, programs: { shop: { command, amqp: {} } } }, []],
    ['a gate for all', { broker, defaults: { amqp: { gate: true } }, programs: { shop: { command } } }, []],
    ['no gate, as written', { broker, programs: { shop: { command, amqp: { gate: false } } } }, []],
    ['by signal, as written', { broker, programs: { shop: { command, recycle: { drain: 'signal' } } } }, []],
    [
      'by signal, as written for all',
      { broker, defaults: { recycle: { drain: 'signal' } }, programs: { shop: { command } } },
      [],
    ],
    ['nothing', { broker, programs: { shop: { command } } }, ['programs.shop · programs: shop has no amqp map']],
    [
      'a broker of its own',
      { programs: { shop: { command, broker } } },
      ['programs.shop · programs: shop has no amqp map'],
    ],
    ['many', { broker, programs: many }, ['programs.a · programs: a, b, c and 2 more have no amqp map']],
  ])('%s', (_, settings, expected) => {
    expect(said(settings)).toEqual(expected);
  });
});
