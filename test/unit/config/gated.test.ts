import { describe, expect, it } from 'vitest';
import { isGated, upstreamOf } from '../../../src/config/gated.ts';
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
    ['broker: { url: "amqps://u:p@rabbit/" }', 'amqp: {}', false, 'TLS (amqps)'],
  ])('%s, %s: %s', (top, lines, expected, why) => {
    const { config, program, said } = loaded(top, lines);
    expect(isGated(config, program)).toBe(expected);
    expect(said).toEqual(why === null ? [] : [expect.stringContaining(why)]);
    if (why !== null)
      expect(said[0]).toMatch(/^\d+: programs\.shop\.amqp is not active: workers are drained by signal, because /);
  });

  it('the line is that of the amqp map', () => expect(loaded('', 'amqp: {}').said[0]).toMatch(/^5: /));
});

describe('where the gate leads', () => {
  const embedded = { host: '127.0.0.1', port: 40_001 };
  it.each([
    [BROKER, {}, { host: 'rabbit', port: 5673 }],
    ['broker: { url: "amqp://rabbit" }', {}, { host: 'rabbit', port: 5672 }],
    ['broker: { url: "amqp://[::1]:5" }', {}, { host: '::1', port: 5 }],
    ['broker: { urls: ["amqp://one", "amqp://two"] }', {}, { host: 'one', port: 5672 }],
    ['broker: { embedded: true }', {}, embedded],
    [BROKER, { RABBITMQ_HOST: 'own', RABBITMQ_PORT: '7' }, { host: 'own', port: 7 }],
    [BROKER, { RABBITMQ_HOST: 'own' }, { host: 'own', port: 5673 }],
    [BROKER, { RABBITMQ_PORT: 'none' }, null],
    ['', {}, null],
    ['', { RABBITMQ_HOST: 'own' }, { host: 'own', port: 5672 }],
  ])('%s, %j', (top, environment: Record<string, string>, expected) => {
    const { config, program } = loaded(top, 'amqp: {}');
    expect(upstreamOf(config, program, { environment, embedded })).toEqual(expected);
  });
});
