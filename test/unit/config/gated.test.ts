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
    [BROKER, '', false, null],
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
