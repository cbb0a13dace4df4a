import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { AdvisoryError, loadAdvisories, parseAdvisories } from '../../../src/forensics/advisories.ts';
import { matchAdvisories } from '../../../src/forensics/advisory-match.ts';
import type { ExtensionFacts } from '../../../src/forensics/types.ts';
import { compareVersions, inRange } from '../../../src/forensics/versions.ts';

const FILE = fileURLToPath(new URL('../../../src/forensics/advisories.yaml', import.meta.url));
const builtIn = loadAdvisories([FILE]);

const loaded = (name: string, version: string | null): ExtensionFacts => ({ name, file: null, version, why: null });
const idsFor = (name: string, version: string | null): string[] =>
  matchAdvisories(builtIn, [loaded(name, version)], null).map(({ advisory }) => advisory.id);

describe('the built-in list', () => {
  test.each(builtIn.map((advisory) => [advisory.id, advisory] as const))('%s is whole', (_, advisory) => {
    expect(advisory.link).toMatch(/^https:\/\//);
    expect(advisory.symptom).not.toMatch(/[.?]$/);
    // Somebody has read its source, or says that it tells less.
    expect(advisory.checked).toMatch(/^(no|20\d\d-\d\d-\d\d)$/);
    // The fixed version is not affected; where a remedy names a version, it is not older than the fix.
    if (advisory.fixed !== null) {
      expect(inRange(advisory.fixed, advisory.affected)).toBe(false);
      expect(advisory.remedy).toMatch(/upgrade|xdebug/);
    }
  });

  test('is more than a handful, and no row is a guess', () => {
    expect(builtIn.length).toBeGreaterThan(20);
    expect(readFileSync(FILE, 'utf8')).not.toMatch(/: .*\?\s*$/m);
  });

  test.each([
    [
      'newrelic',
      '9.1.0.246',
      ['newrelic-segments', 'newrelic-curl-multi', 'newrelic-laravel-queue', 'newrelic-end-transaction'],
    ],
    ['newrelic', '9.7.0.258', ['newrelic-curl-multi', 'newrelic-laravel-queue', 'newrelic-end-transaction']],
    ['newrelic', '12.1.0.26', []],
    ['newrelic', '9.18.0.302', ['newrelic-curl-multi', 'newrelic-laravel-queue', 'newrelic-end-transaction']],
    ['redis', '6.0.0', ['redis-pipeline']],
    ['redis', '6.0.1', []],
    ['Redis', '5.1.1', ['redis-cluster', 'redis-cluster-sessions']],
    ['elastic_apm', '1.10.0', []],
    ['elastic_apm', '1.13.0', ['elastic-apm-exceptions']],
    ['scoutapm', '1.4.1', []],
    ['imagick', '3.7.0', ['imagick-kernel']],
    ['imagick', '3.8.0RC1', []],
    ['imagick', '3.4.3', ['imagick-kernel', 'imagick-pixel']],
    ['ddtrace', '0.72.0', ['ddtrace-spans', 'ddtrace-curl-read-function']],
    ['ddtrace', '0.99.0', ['ddtrace-0.99.0']],
    ['ddtrace', '1.22.0', ['ddtrace-curl-multi-spans', 'ddtrace-ipc-helper']],
    ['ddtrace', '1.16.0', []],
    ['swoole', '6.1.2', []],
    ['swoole', '6.1.3', ['swoole-curl-hook']],
    ['swoole', '6.2.2', ['swoole-remote-object']],
    ['rdkafka', '4.0.1', ['rdkafka-headers']],
    ['protobuf', '3.17.0', ['protobuf-oneof']],
    ['mysqlnd', '8.1.17', ['mysqlnd-tls']],
    ['mysqlnd', '8.1.18', []],
    ['mysqlnd', '8.2.4', ['mysqlnd-tls']],
    ['mysqlnd', '8.2.5', []],
    ['mysqlnd', '7.4.33', ['mysqlnd-tls']],
    ['json', '8.2.0', []],
  ])('%s %s', (name, version, expected) => {
    expect(idsFor(name, version)).toEqual(expected);
  });

  test('an unknown version may be any: all of that extension', () => {
    expect(idsFor('redis', null)).toEqual(['redis-pipeline', 'redis-cluster', 'redis-cluster-sessions']);
  });
});

describe('files of the user', () => {
  const entry = {
    id: 'own-1',
    extension: 'own',
    affected: '<2',
    symptom: 's',
    zend: 'no',
    remedy: 'r',
    link: 'https://x.example/1',
  };
  const textOf = (changes: object): string => JSON.stringify({ advisories: [{ ...entry, ...changes }] });

  test('are read in the same form', () => {
    expect(parseAdvisories(textOf({}), 'own.yaml')).toEqual([
      { ...entry, fixed: null, per: null, helper: null, checked: null },
    ]);
  });

  test.each([
    [textOf({ affected: 'before 2' }), /^own\.yaml: advisories\.0\.affected: .*range of versions/],
    [textOf({ affected: '>=1 ||' }), /affected/],
    [textOf({ zend: 'maybe' }), /advisories\.0\.zend/],
    [textOf({ link: 'javascript:alert(1)' }), /advisories\.0\.link/],
    [textOf({ checked: 'yes' }), /advisories\.0\.checked: expected a day such as 2026-11-26, or "no"/],
    [textOf({ extension: '../../x' }), /advisories\.0\.extension/],
    [textOf({ surprise: 1 }), /surprise/],
    ['- [', /^own\.yaml: /],
    ['null', /^own\.yaml: /],
    [JSON.stringify({ advisories: [entry, entry] }), /own-1 stands there twice/],
  ])('%s is refused with a sentence', (text, expected) => {
    expect(() => parseAdvisories(text, 'own.yaml')).toThrow(AdvisoryError);
    expect(() => parseAdvisories(text, 'own.yaml')).toThrow(expected);
  });

  test('a file that is not there is a sentence too', () => {
    expect(() => loadAdvisories(['/nonexistent/own.yaml'])).toThrow(
      'cannot read the advisories of /nonexistent/own.yaml: found no such file, expected a readable text file',
    );
  });
});

describe('versions', () => {
  const ORDER = [
    '1.0.0-dev', '1.0.0alpha1', '1.0.0alpha2', '1.0.0beta1', '1.0.0RC1', '1.0.0RC2', '1.0.0', '1.0.0pl1', '1.0.1', '1.10.0', '2.0',
  ]; // prettier-ignore
  test('are ordered as PHP orders them', () => {
    const shuffled = ORDER.toSorted();
    expect(shuffled.toSorted(compareVersions)).toEqual(ORDER);
    for (const [at, version] of ORDER.entries())
      for (const later of ORDER.slice(at + 1))
        expect([version, later, compareVersions(version, later) < 0]).toEqual([version, later, true]);
  });

  test.each([
    ['1.0', '1.0.0', 0],
    ['9.7.0.258', '9.7.0', 1],
    ['9.7', '9.7.0.258', -1],
    ['8.2.0+deb12u1', '8.2.0', 0],
    ['1.0.0RC1', '1.0.0rc1', 0],
  ])('%s against %s: %s', (a, b, expected) => {
    expect(Math.sign(compareVersions(a, b))).toBe(expected);
    expect(Math.sign(compareVersions(b, a))).toBe(expected === 0 ? 0 : -expected);
  });

  test.each([
    ['1.5.0', '>=1.4 <1.6', true],
    ['1.6.0', '>=1.4 <1.6', false],
    ['1.6.0RC1', '>=1.4 <1.6', true],
    ['6.0.0', '=6.0', true],
    ['6.0.0', '6.0.0', true],
    ['3.0', '<2 || >=3 <=3.0.0', true],
    ['2.5', '<2 || >=3', false],
    ['0.0.1', '*', true],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(inRange(version, range)).toBe(expected);
  });
});
