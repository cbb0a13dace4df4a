import { describe, expect, it } from 'vitest';
import { redirectOf } from '../../../src/config/redirect.ts';
import type { Config, ProgramConfig } from '../../../src/config/types.ts';
import { configOf, shop } from './files.ts';

const loaded = (top: string, lines: string): { config: Config; program: ProgramConfig } => {
  const config = configOf(`${top}${top === '' ? '' : '\n'}${shop(lines)}`);
  const program = config.programs['shop'];
  if (program === undefined) throw new Error('no shop');
  return { config, program };
};
const BROKER = 'broker: { url: "amqp://u:p@rabbit:5673/" }';

describe('where the gate leads', () => {
  const embedded = { url: 'amqp://e:hush@127.0.0.1:40001/', host: '127.0.0.1', port: 40_001 };
  const plain = (host: string, port: number) => ({ host, port, tls: null });
  const PUBLIC = { ca: null, cert: null, key: null, verify: true, serverName: null };
  const NAMED = '{ verify: false, serverName: mq.example }';
  const named = { ...PUBLIC, verify: false, serverName: 'mq.example' };
  it.each([
    [BROKER, {}, [plain('rabbit', 5673)]],
    ['broker: { url: "amqp://rabbit" }', {}, [plain('rabbit', 5672)]],
    ['broker: { url: "amqp://[::1]:5" }', {}, [plain('::1', 5)]],
    ['broker: { urls: ["amqp://one", "amqp://two"] }', {}, [plain('one', 5672), plain('two', 5672)]],
    ['broker: { embedded: true }', {}, [plain('127.0.0.1', 40_001)]],
    [BROKER, { RABBITMQ_HOST: 'own', RABBITMQ_PORT: '7' }, [plain('own', 7)]],
    [BROKER, { RABBITMQ_HOST: 'own' }, [plain('own', 5673)]],
    ['broker: { urls: ["amqp://one", "amqp://two"] }', { RABBITMQ_HOST: 'own' }, [plain('own', 5672)]],
    [BROKER, { RABBITMQ_PORT: 'none' }, []],
    ['', {}, []],
    ['', { RABBITMQ_HOST: 'own' }, [plain('own', 5672)]],
    ['broker: { url: "amqps://rabbit" }', {}, [{ host: 'rabbit', port: 5671, tls: PUBLIC }]],
    [`broker: { url: "amqps://rabbit:1", tls: ${NAMED} }`, {}, [{ host: 'rabbit', port: 1, tls: named }]],
    [`broker: { url: "amqps://a", tls: ${NAMED} }`, { RABBITMQ_HOST: 'b' }, [{ host: 'b', port: 5671, tls: named }]],
    [
      `broker: { urls: ["amqps://a", "amqp://b"], tls: ${NAMED} }`,
      {},
      [{ host: 'a', port: 5671, tls: named }, plain('b', 5672)],
    ],
  ])('%s, %j', (top, environment: Record<string, string>, expected) => {
    const { config, program } = loaded(top, 'amqp: {}');
    const redirect = redirectOf(config, program, { environment, embedded });
    expect(redirect).toEqual(expected.length === 0 ? null : { upstreams: expected, dsn: null });
  });
});

describe('a variable with the whole URL', () => {
  const embedded = { url: 'amqp://e:hush@127.0.0.1:40001/', host: '127.0.0.1', port: 40_001 };
  const redirect = (top: string, environment: Record<string, string>) => {
    const { config, program } = loaded(top, 'amqp: { dsn: DSN }\ndirectory: /srv/shop');
    return redirectOf(config, program, { environment, embedded });
  };
  const NONE = { ca: null, cert: null, key: null, verify: true, serverName: null };

  it('keeps what it holds, and the gate leads to its address, not to that of broker or of the other variables', () => {
    const environment = { DSN: 'amqp://a:b@own:7/%2f/messages?heartbeat=9', RABBITMQ_HOST: 'other' };
    expect(redirect(BROKER, environment)).toEqual({
      upstreams: [{ host: 'own', port: 7, tls: null }],
      dsn: { variable: 'DSN', before: 'amqp://a:b@', after: '/%2f/messages?heartbeat=9' },
    });
  });

  it('gives its TLS to the gate, with paths from the directory of the worker; broker.tls comes first', () => {
    const environment = { DSN: 'amqps://a:b@own/%2f?cacert=ssl/ca.pem&cert=/c.pem&key=/k.pem&heartbeat=9' };
    const found = { ...NONE, ca: '/srv/shop/ssl/ca.pem', cert: '/c.pem', key: '/k.pem' };
    expect(redirect('', environment)).toEqual({
      upstreams: [{ host: 'own', port: 5671, tls: found }],
      dsn: { variable: 'DSN', before: 'amqp://a:b@', after: '/%2f?heartbeat=9' },
    });
    const said = 'broker: { url: "amqps://rabbit", tls: { serverName: mq.example } }';
    expect(redirect(said, environment)?.upstreams).toEqual([
      { host: 'own', port: 5671, tls: { ...NONE, serverName: 'mq.example' } },
    ]);
  });

  it.each([
    [BROKER, 'amqp://u:p@', '/%2f', 'rabbit'],
    ['broker: { url: "amqps://u:p%40@rabbit" }', 'amqp://u:p%40@', '/%2f', 'rabbit'],
    ['broker: { url: "amqp://u:p@rabbit?heartbeat=5" }', 'amqp://u:p@', '/%2f?heartbeat=5', 'rabbit'],
    ['broker: { urls: ["amqp://u:p@a/shop", "amqp://u:p@b/shop"] }', 'amqp://u:p@', '/shop', 'a'],
    ['broker: { embedded: true }', 'amqp://e:hush@', '/%2f', '127.0.0.1'],
  ])('is made from %s where there is none', (top, before, after, host) => {
    const found = redirect(top, {});
    expect(found?.dsn).toEqual({ variable: 'DSN', before, after });
    expect(found?.upstreams[0]?.host).toBe(host);
  });

  it.each([
    ['', {}],
    [BROKER, { DSN: 'doctrine://default' }],
    ['', { RABBITMQ_HOST: 'rabbit' }],
  ])('%s %j: there is nothing to lead', (top, environment: Record<string, string>) => {
    expect(redirect(top, environment)).toBeNull();
  });
});

describe('a program whose URL is written', () => {
  const brokerOf = (top: string, url: string, more = ''): unknown =>
    loaded(top, `amqp: { dsn: DSN }\ndirectory: /srv\nenvironment: { DSN: "${url}" }${more}`).program.broker;
  const NONE = { ca: null, cert: null, key: null, verify: true, serverName: null };
  const TOP = 'broker: { url: "amqps://top/", tls: { serverName: mq.example } }';

  it.each([
    ['amqp://u:p@h/%2f/messages?x=1', { kind: 'url', urls: ['amqp://u:p@h:5672/%2f'], tls: null }],
    ['amqp://u:p@[::1]:7', { kind: 'url', urls: ['amqp://u:p@[::1]:7/'], tls: null }],
    ['amqp+lib://a,b/v', { kind: 'url', urls: ['amqp://a:5672/v', 'amqp://b:5672/v'], tls: null }],
    [
      'amqps://u:p@h/v?cacert=ca.pem',
      { kind: 'url', urls: ['amqps://u:p@h:5671/v'], tls: { ...NONE, ca: '/srv/ca.pem' } },
    ],
    ['redis://h', null],
  ])('%s: that broker is asked whether it answers', (url, expected) => expect(brokerOf('', url)).toEqual(expected));

  it('has the TLS of the broker at the top, but its own address', () => {
    const tls = { ...NONE, serverName: 'mq.example' };
    expect(brokerOf(TOP, 'amqps://h/v?cacert=ca.pem')).toEqual({ kind: 'url', urls: ['amqps://h:5671/v'], tls });
  });

  it('and yields to a broker of its own', () =>
    expect(brokerOf('', 'amqp://h/v', '\nbroker: { url: "amqp://own/" }')).toMatchObject({ urls: ['amqp://own/'] }));
});
