import { afterAll, expect, test } from 'vitest';
import { supervisorGroups, supervisorNames } from '../../../src/controller/supervisor-names.ts';
import { configOf, makeRoot } from './fixture.ts';

const folder = makeRoot();
afterAll(folder.remove);

const namesOf = (programs: Record<string, unknown>, groups: Record<string, string[]> = {}): Record<string, string> => {
  const written = Object.entries(groups).map(([name, members]) => [name, { programs: members }]);
  const config = configOf(folder.root, programs, { groups: Object.fromEntries(written) });
  return Object.fromEntries(
    [...supervisorNames(config)].map(([worker, { group, name }]) => [worker, `${group}:${name}`]),
  );
};

const php = { command: 'php x' };

test.each<[string, Record<string, unknown>, Record<string, string[]>, Record<string, string>]>([
  ['the program is the group', { shop: { ...php, workers: 2 } }, {}, { 'shop:0': 'shop:0', 'shop:1': 'shop:1' }],
  ['a name of its own', { shop: { ...php, workerName: '{program}' } }, {}, { shop: 'shop:shop' }],
  [
    'names as supervisord gives them',
    { shop: { ...php, workers: 2, workerName: '{program}_{index:02}' } },
    {},
    { shop_00: 'shop:shop_00', shop_01: 'shop:shop_01' },
  ],
  ['a group', { shop: php, mail: php }, { team: ['shop'] }, { 'shop:0': 'team:0', 'mail:0': 'mail:0' }],
  [
    'two programs of a group keep apart',
    { shop: php, mail: { ...php, workerName: 'post' }, back: php },
    { team: ['shop', 'mail', 'back'] },
    { 'shop:0': 'team:shop_0', post: 'team:post', 'back:0': 'team:back_0' },
  ],
  ['a program in two groups', { shop: php }, { b: ['shop'], a: ['shop'] }, { 'shop:0': 'b:0' }],
  ['colons', { shop: { ...php, workerName: 'x:y:{index}' } }, {}, { 'x:y:0': 'shop:x_y_0' }],
])('%s', (_, programs, groups, names) => expect(namesOf(programs, groups)).toEqual(names));

test('groups are named once, in the order of the file', () => {
  const groups = { team: { programs: ['mail', 'shop'] } };
  const config = configOf(folder.root, { back: php, shop: { ...php, workers: 3 }, mail: php }, { groups });
  expect(supervisorGroups(config)).toEqual(['back', 'team']);
});
