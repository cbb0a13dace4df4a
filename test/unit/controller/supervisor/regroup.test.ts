import { describe, expect, test } from 'vitest';
import type { Config } from '../../../../src/config/types.ts';
import { changesBetween, hasGroup, withGroup, withoutGroup } from '../../../../src/controller/supervisor/regroup.ts';

/** `programs`: by name, what stands for everything about it. */
const config = (programs: Record<string, string>, groups: Record<string, string[]> = {}, language = 'en'): Config =>
  ({
    language,
    groups: Object.fromEntries(
      Object.entries(groups).map(([name, members]) => [name, { programs: members, priority: 1 }]),
    ),
    programs: Object.fromEntries(
      Object.entries(programs).map(([name, command], line) => [name, { name, command, workers: 0, origins: { line } }]),
    ),
  }) as unknown as Config;

const ACTIVE = config({ kept: 'a', edited: 'a', gone: 'a', one: 'a', two: 'a' }, { team: ['one', 'two'] });
const READ = config(
  { fresh: 'a', kept: 'a', edited: 'b', one: 'a', two: 'a', three: 'a' },
  { team: ['one', 'three'] },
  'zh-CN',
);

describe('what differs', () => {
  test('by group, wherever it is written in the file', () => {
    expect(changesBetween(ACTIVE, READ)).toEqual({
      added: ['fresh', 'two'],
      changed: ['edited', 'team'],
      removed: ['gone'],
    });
    expect(changesBetween(READ, READ)).toEqual({ added: [], changed: [], removed: [] });
  });
});

describe('group by group', () => {
  test('a removed group takes its programs along', () => {
    const left = withoutGroup(ACTIVE, 'team');
    expect(Object.keys(left.programs)).toEqual(['kept', 'edited', 'gone']);
    expect(hasGroup(left, 'team')).toBe(false);
    expect(hasGroup(ACTIVE, 'team')).toBe(true);
  });

  test('an added group comes alone, and the settings with the last one', () => {
    const fresh = withGroup(ACTIVE, READ, 'fresh');
    expect(changesBetween(ACTIVE, fresh)).toEqual({ added: ['fresh'], changed: [], removed: [] });
    expect(fresh.language).toBe('en');
    let merged = ACTIVE;
    for (const name of ['gone', 'edited', 'team']) merged = withoutGroup(merged, name);
    for (const name of ['fresh', 'edited', 'two', 'team']) merged = withGroup(merged, READ, name);
    expect(merged).toBe(READ);
  });
});
