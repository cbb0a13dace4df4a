import { describe, expect, it } from 'vitest';
import { extensionName, withoutLoading } from '../../../src/php/ini-text.ts';

describe('a line that loads newrelic', () => {
  it.each([
    'extension=newrelic',
    'extension = newrelic.so',
    'EXTENSION="newrelic.so"',
    "extension='/usr/lib/php/20220829/newrelic.so' ; comment",
    '\textension = /opt/new relic/newrelic.so',
    'zend_extension=newrelic.so;x',
    'extension=newrelic-20220829.so',
    'extension=NewRelic_php-8.2-zts.so',
    'extension=newrelic\r',
  ])('%j', (line) =>
    expect(withoutLoading(`a=1\n${line}\nb=2`, ['newrelic'])).toBe(`a=1\n; php.disableExtensions: ${line.trim()}\nb=2`),
  );
});

describe('a line that does not', () => {
  it.each([
    '; extension=newrelic',
    'extension=newrelic_other.so',
    'extension=my_newrelic.so',
    'extension=newrelic2x',
    'extension_dir=newrelic',
    'newrelic.license="x"',
    'extension=',
    '[newrelic]',
    'extension=/newrelic/other.so',
  ])('%j', (line) => expect(withoutLoading(line, ['newrelic'])).toBeNull());
});

it('takes several out of one file, and leaves the others', () =>
  expect(withoutLoading('extension=a\nextension=b\nextension=c\n', ['C.so', 'a'])).toBe(
    '; php.disableExtensions: extension=a\nextension=b\n; php.disableExtensions: extension=c\n',
  ));

it('knows opcache by both of its names', () => {
  expect(withoutLoading('zend_extension=opcache.so', ['Zend OPcache'])).not.toBeNull();
  expect(extensionName('Zend OPcache')).toBe(extensionName('opcache'));
});
