/**
 * One URL that an application reads its whole broker from (`MESSENGER_TRANSPORT_DSN`, `RABBITMQ_URL`): taken apart so that another
 * address fits in, and everything else stays as it was written, letter by letter. What is understood: amqp(s)://, with a driver as
 * `amqp+lib`, and phpamqplib(s)://; several hosts with commas; query parameters as Symfony has them, of which host and port win over
 * the address.
 */
import type { TlsConfig } from './types.ts';

export interface Dsn {
  /** What stands before and after the address, without TLS: `amqp://user:password@` and `/%2f/messages?heartbeat=10`. */
  before: string;
  after: string;
  nodes: { host: string; port: number }[];
  /** Null: plain. What its parameters say of TLS; paths as written. */
  tls: TlsConfig | null;
}

const PARTS =
  /^(?<scheme>[a-z]+)(?<driver>\+[a-z]+)?:\/\/(?<login>[^/?#]*@)?(?<hosts>[^/?#@]*)(?<path>[^?#]*)(?:\?(?<query>[^#]*))?(?<rest>#.*)?$/i;
const HOST = /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<name>[\w.-]+))?(?::(?<port>\d{1,5}))?$/i;

/** Scheme → the same without TLS. */
const PLAIN: Readonly<Record<string, string>> = { amqp: 'amqp', amqps: 'amqp', phpamqplib: 'phpamqplib' };
const SECURE: Readonly<Record<string, string>> = { amqps: 'amqp', phpamqplibs: 'phpamqplib' };
const USUAL_PORT = { plain: 5672, tls: 5671 };

/** Of ext-amqp, which Symfony passes on, and of php-amqplib. */
const TLS_PARAMETER = /^(?:cacert|cert|key|verify|ssl\[\w+\])$/;

/** Null: it is not the URL of an AMQP broker, or its host is not written in it (`%env(HOST)%`). */
export function parseDsn(text: string): Dsn | null {
  const {
    scheme = '',
    driver = '',
    login = '',
    hosts = '',
    path = '',
    query,
    rest = '',
  } = PARTS.exec(text)?.groups ?? {};
  const secure = SECURE[scheme.toLowerCase()];
  const plain = secure ?? PLAIN[scheme.toLowerCase()];
  if (plain === undefined) return null;
  const parameters = query === undefined ? [] : query.split('&');
  const told = new Map(parameters.map((parameter) => readParameter(parameter)));
  const nodes = readNodes(hosts, told, secure === undefined ? USUAL_PORT.plain : USUAL_PORT.tls);
  if (nodes === null) return null;
  const kept = parameters.filter((parameter) => !isOurs(readParameter(parameter)[0]));
  return {
    before: `${plain}${driver}://${login}`,
    after: `${path}${kept.length === 0 ? '' : `?${kept.join('&')}`}${rest}`,
    nodes,
    tls: secure === undefined ? null : readTls(told),
  };
}

const isOurs = (name: string): boolean => name === 'host' || name === 'port' || TLS_PARAMETER.test(name);

function readParameter(parameter: string): [name: string, value: string] {
  const [name = '', ...value] = parameter.split('=');
  return [decoded(name), decoded(value.join('='))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text; // No valid percent-encoding: taken as written.
  }
}

function readNodes(hosts: string, told: ReadonlyMap<string, string>, usual: number): Dsn['nodes'] | null {
  const host = told.get('host');
  const port = told.get('port') ?? (host === undefined ? undefined : HOST.exec(hosts)?.groups?.['port']);
  const nodes = (host ?? hosts).split(',').map((written) => {
    const found = HOST.exec(written)?.groups;
    if (found === undefined) return null;
    const number = Number(port ?? found['port'] ?? usual);
    const isPort = Number.isInteger(number) && number >= 1 && number <= 65_535;
    return isPort ? { host: found['six'] ?? found['name'] ?? 'localhost', port: number } : null;
  });
  const known = nodes.filter((node) => node !== null);
  return known.length === nodes.length ? known : null;
}

function readTls(told: ReadonlyMap<string, string>): TlsConfig {
  const file = (...names: string[]): string | null => names.map((name) => told.get(name)).find((path) => path) ?? null;
  const verify = told.get('verify') ?? told.get('ssl[verify_peer]');
  return {
    ca: file('cacert', 'ssl[cafile]'),
    cert: file('cert', 'ssl[local_cert]'),
    key: file('key', 'ssl[local_pk]'),
    // PHP takes every other text for true.
    verify: verify !== '0' && verify !== '',
    serverName: null,
  };
}
