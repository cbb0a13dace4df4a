import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDsn } from '../../../src/config/dsn.ts';

const NONE = { ca: null, cert: null, key: null, verify: true, serverName: null };
const at = (host: string, port: number) => [{ host, port }];

describe('a URL with the address taken out', () => {
  it.each([
    ['amqp://u:p@h:1/%2f/messages', 'amqp://u:p@', '/%2f/messages', at('h', 1)],
    ['amqp://h', 'amqp://', '', at('h', 5672)],
    ['AMQP://h', 'amqp://', '', at('h', 5672)],
    ['amqp://u:p%40ss%2F@h/v', 'amqp://u:p%40ss%2F@', '/v', at('h', 5672)],
    ['amqp://u:p@ss@h/v', 'amqp://u:p@ss@', '/v', at('h', 5672)],
    ['amqp://u:@[::1]:7/', 'amqp://u:@', '/', at('::1', 7)],
    ['amqp://', 'amqp://', '', at('localhost', 5672)],
    ['amqp://:7/v', 'amqp://', '/v', at('localhost', 7)],
    ['amqp+lib://u:p@h/v', 'amqp+lib://u:p@', '/v', at('h', 5672)],
    ['phpamqplib://u:p@h/v/x', 'phpamqplib://u:p@', '/v/x', at('h', 5672)],
    [
      'amqp://h/?queues[a][binding_keys][0]=x&&a=%20#rest',
      'amqp://',
      '/?queues[a][binding_keys][0]=x&&a=%20#rest',
      at('h', 5672),
    ],
    ['amqp://a,b:2,[::3]:3/v', 'amqp://', '/v', [...at('a', 5672), ...at('b', 2), ...at('::3', 3)]],
    ['amqp:///%2f?host=h&port=9&heartbeat=1', 'amqp://', '/%2f?heartbeat=1', at('h', 9)],
    ['amqp://x:3/%2f?host=h', 'amqp://', '/%2f', at('h', 3)],
    ['amqp://h?cacert=/ca.pem', 'amqp://', '', at('h', 5672)],
  ])('%s', (text, before, after, nodes) => {
    expect(parseDsn(text)).toEqual({ before, after, nodes, tls: null });
  });

  it.each([
    ['amqps://u:p@h/v', 'amqp://u:p@', '/v', NONE],
    ['amqps://h/v?cacert=%2Fetc%2Fca.pem', 'amqp://', '/v', { ...NONE, ca: '/etc/ca.pem' }],
    ['amqps://h/v?cacert=a&cert=b&key=c&x=1', 'amqp://', '/v?x=1', { ...NONE, ca: 'a', cert: 'b', key: 'c' }],
    ['amqps://h/v?verify=0', 'amqp://', '/v', { ...NONE, verify: false }],
    ['amqps://h/v?verify=false', 'amqp://', '/v', NONE],
    ['amqps://h/v?cacert=', 'amqp://', '/v', NONE],
    ['phpamqplibs://h/v?ssl[cafile]=a&ssl%5Bciphers%5D=b', 'phpamqplib://', '/v', { ...NONE, ca: 'a' }],
  ])('TLS goes, and is told: %s', (text, before, after, tls) => {
    expect(parseDsn(text)).toEqual({ before, after, nodes: at('h', 5671), tls });
  });

  it.each([
    '',
    'h:1',
    'redis://h',
    'doctrine://default',
    'sync://',
    'amqp:h',
    'amqp://%env(HOST)%/v',
    'amqp://${HOST}/v',
    'amqp://h:0/',
    'amqp://h:x/',
    'amqp://h?port=x',
    'http://amqp://h',
  ])('%s is none', (text) => expect(parseDsn(text)).toBeNull());

  it('with its own address in it again it is what it was', () => {
    const part = fc.stringMatching(/^[\w.~%-]{1,12}$/);
    const made = fc.tuple(
      part,
      part,
      fc.stringMatching(/^[a-z][a-z0-9.-]{0,9}$/),
      fc.integer({ min: 1, max: 65_535 }),
      part,
    );
    fc.assert(
      fc.property(made, ([user, password, host, port, path]) => {
        const text = `amqp://${user}:${password}@${host}:${port}/${path}?x=${path}`;
        const found = parseDsn(text);
        expect(`${found?.before}${host}:${port}${found?.after}`).toBe(text);
        expect(found?.nodes).toEqual([{ host, port }]);
      }),
    );
  });
});
