import { expect, test } from 'vitest';
import type { Config } from '../../../../src/config/types.ts';
import { supervisorNameOf } from '../../../../src/controller/supervisor/names.ts';

const config = {
  groups: { team: { programs: ['mail', 'shop'], priority: 1 }, other: { programs: ['shop'], priority: 2 } },
} as unknown as Config;

test.each([
  ['solo', 'solo:0', 'solo', '0'],
  ['solo', 'solo', 'solo', 'solo'],
  ['solo', 'solo_00', 'solo', 'solo_00'],
  ['solo', 'other:name', 'solo', 'other:name'],
  ['shop', 'shop:0', 'team', 'shop:0'],
  ['mail', 'mail_00', 'team', 'mail_00'],
])('worker of %s called %s is %s:%s', (program, worker, group, name) => {
  expect(supervisorNameOf(config, program, worker)).toEqual({ group, name });
});
