import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gateWarnings } from '../../../src/cli/gate-warnings.ts';
import { loadConfig } from '../../../src/config/load.ts';

const warningsOf = (settings: Record<string, unknown>): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'gate warnings '));
  try {
    const file = join(folder, 'workers.yaml');
    writeFileSync(file, JSON.stringify({ version: 1, ...settings }));
    const result = loadConfig(file, {}, { uid: 0, home: '/root' });
    if (!result.ok) throw new Error(result.problems.map(({ text }) => text).join('\n'));
    return gateWarnings(result.config).map(({ path, text }) => `${path.join('.')}: ${text}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const command = 'sleep 1';
const broker = { url: 'amqp://localhost/' };
const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, { command }]));

test.each<[string, Record<string, unknown>, string[]]>([
  ['there is no broker', { programs: { shop: { command } } }, []],
  ['a gate', { broker, programs: { shop: { command, amqp: {} } } }, []],
  ['one for all', { broker, defaults: { amqp: { gate: true } }, programs: { shop: { command } } }, []],
  ['no gate is wanted', { broker, programs: { shop: { command, amqp: { gate: false } } } }, []],
  ['by signal, as written', { broker, programs: { shop: { command, recycle: { drain: 'signal' } } } }, []],
  [
    'by signal, as written for all',
    { broker, defaults: { recycle: { drain: 'signal' } }, programs: { shop: { command } } },
    [],
  ],
  ['nothing', { broker, programs: { shop: { command } } }, ['programs.shop: shop has no amqp map']],
  ['a broker of its own', { programs: { shop: { command, broker } } }, ['programs.shop: shop has no amqp map']],
  ['nothing in many', { broker, programs: many }, ['programs.a: a, b, c and 2 more have no amqp map']],
])('what is said of workers beside a broker: %s', (_, settings, expected) => {
  expect(warningsOf(settings)).toEqual(expected);
});
