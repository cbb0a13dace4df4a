import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankSuspects } from '../../../../src/policy/bisect/suspects.ts';
import type { Suspicion } from '../../../../src/policy/bisect/suspects.ts';

const PHP = '8.2.30';
const given = ({
  loaded = [],
  known = [],
  needed = [],
}: { [key in 'loaded' | 'known' | 'needed']?: string[] }): Suspicion => ({
  phpVersion: PHP,
  loaded: loaded.map((told) => {
    const [name = '', version = PHP] = told.split(' ');
    return { name, version };
  }),
  known: new Set(known),
  needed: new Set(needed),
});
const ANY = 'own other newrelic xdebug redis pdo calendar opcache'.split(' ');
const orderOf = (suspicion: Suspicion): string[] =>
  rankSuspects(suspicion).tried.map(({ name, because }) => `${name} ${because}`);

describe('which extensions are tried', () => {
  test.each<[string, Parameters<typeof given>[0], string[], string[]]>([
    ['nothing loaded, nothing tried', {}, [], []],
    [
      'known leaks, then onlookers, then what nothing is known of',
      {
        loaded: ['calendar', 'own 1.0', 'xdebug 3.5.0', 'ddtrace 0.99.0', 'newrelic 12.2.0.27'],
        known: ['ddtrace'],
      },
      ['ddtrace known', 'xdebug looksOn', 'newrelic looksOn', 'own loaded', 'calendar loaded'],
      [],
    ],
    [
      'a known leak of an extension that is no agent comes first as well',
      { loaded: ['newrelic 12.2.0.27', 'own 0.9'], known: ['own'] },
      ['own known', 'newrelic looksOn'],
      [],
    ],
    [
      'what code calls is not tried',
      { loaded: ['pdo', 'pdo_mysql', 'json', 'mbstring', 'amqp 2.1.2', 'sockets', 'redis 6.1.0', 'gd', 'opcache'] },
      ['opcache loaded'],
      [],
    ],
    [
      '… not even where it is known to leak, and that is told',
      { loaded: ['redis 6.0.0', 'mysqlnd'], known: ['redis', 'mysqlnd'] },
      [],
      ['redis', 'mysqlnd'],
    ],
    [
      'what the application asks for is not tried either',
      {
        loaded: ['own 1.0', 'other 2.0', 'opentelemetry 1.0.0'],
        known: ['other'],
        needed: ['own', 'other', 'opentelemetry'],
      },
      [],
      ['other'],
    ],
    [
      'a version that is not told is not of PHP',
      { loaded: ['calendar', 'own ?'] },
      ['own loaded', 'calendar loaded'],
      [],
    ],
    ['a leak of what is not loaded is none', { loaded: ['own 1.0'], known: ['newrelic'] }, ['own loaded'], []],
  ])('%s', (_, facts, tried, spared) => {
    expect(orderOf(given(facts))).toEqual(tried);
    expect(rankSuspects(given(facts)).spared).toEqual(spared);
  });

  test('each at most once, never one that is needed, and the known ones lead', () => {
    const names = fc.uniqueArray(fc.constantFrom(...ANY));
    fc.assert(
      fc.property(names, names, names, (loaded, known, needed) => {
        const { tried, spared } = rankSuspects(given({ loaded, known, needed }));
        expect(new Set(tried.map(({ name }) => name)).size).toBe(tried.length);
        for (const { name, because } of tried) {
          expect(loaded).toContain(name);
          expect(needed).not.toContain(name);
          expect(because === 'known').toBe(known.includes(name));
          expect(spared).not.toContain(name);
        }
        const ranks = tried.map(({ because }) => ['known', 'looksOn', 'loaded'].indexOf(because));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      }),
    );
  });
});
