import { expect, it } from 'vitest';
import { configOf } from './files.ts';

it('remembers where each key of host was written', () => {
  const { origins } = configOf(`version: 1
host:
  reserve: 1GiB
  for: 5s
programs: { shop: { command: php x } }`);
  expect(origins).toEqual({
    'host.reserve': { key: 'host.reserve', line: 3 },
    'host.for': { key: 'host.for', line: 4 },
  });
});
