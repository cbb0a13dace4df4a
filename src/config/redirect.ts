/** Where the gate of a program's workers leads, and what stands in the URL that leads the workers to it. */
import { resolve } from 'node:path';
import type { GateSpec, UpstreamSpec } from '../shim/spawn-spec.ts';
import { parseDsn } from './dsn.ts';
import type { Dsn } from './dsn.ts';
import type { BrokerConfig, Config, ProgramConfig, TlsConfig } from './types.ts';

const PORTS = { plain: 5672, tls: 5671 };
const DEFAULT_TLS: TlsConfig = { ca: null, cert: null, key: null, verify: true, serverName: null };

export type Redirect = Pick<GateSpec, 'upstreams' | 'dsn'>;

/** What is known when a worker starts. */
export interface Surroundings {
  /** What the worker would have without a gate. */
  environment: Readonly<Record<string, string>>;
  /** Where the embedded broker listens now; `url` has its password. */
  embedded: { url: string; host: string; port: number } | null;
}

/** Null: nobody knows where the broker is, or the URL that the worker reads cannot be led to a gate. */
export const redirectOf = (
  config: Pick<Config, 'broker'>,
  program: ProgramConfig,
  from: Surroundings,
): Redirect | null => {
  const { amqp } = program;
  if (amqp === null) return null;
  const broker = program.broker ?? config.broker;
  if (amqp.dsnVariable === null) return reachable({ upstreams: byVariables(broker, amqp, from), dsn: null });
  const variable = amqp.dsnVariable;
  const own = from.environment[variable];
  const dsn = own === undefined ? dsnOf(broker, from.embedded) : parseDsn(own);
  if (dsn === null) return null;
  const tls = broker?.kind === 'url' ? broker.tls : null;
  const upstreams = own === undefined ? byVariables(broker, amqp, from) : nodesOfDsn(dsn, tls, program.directory);
  return reachable({ upstreams, dsn: { variable, before: dsn.before, after: dsn.after } });
};

const reachable = (redirect: Redirect): Redirect | null => (redirect.upstreams.length === 0 ? null : redirect);

/** The address that the environment gives, else the nodes of `broker:`; through TLS where these are amqps. */
const byVariables = (
  broker: BrokerConfig | null,
  { hostVariable, portVariable }: NonNullable<ProgramConfig['amqp']>,
  { environment, embedded }: Surroundings,
): UpstreamSpec[] => {
  const ours = embedded === null ? [] : [{ host: embedded.host, port: embedded.port, tls: null }];
  const known = broker?.kind === 'embedded' ? ours : nodesOf(broker);
  const own = { host: environment[hostVariable], port: environment[portVariable] };
  if (own.host === undefined && own.port === undefined) return known;
  const [first = { host: '', port: PORTS.plain, tls: null }] = known;
  const one = { ...first, host: own.host ?? first.host, port: own.port === undefined ? first.port : Number(own.port) };
  return isAddress(one) ? [one] : [];
};

const isAddress = ({ host, port }: UpstreamSpec): boolean =>
  host !== '' && Number.isInteger(port) && port >= 1 && port <= 65_535;

/** The nodes of a broker that is not ours, in order. */
export const nodesOf = (broker: BrokerConfig | null): UpstreamSpec[] =>
  broker?.kind === 'url' ? broker.urls.flatMap((text) => nodeOf(text, broker.tls)) : [];

const nodeOf = (text: string, tls: TlsConfig | null): UpstreamSpec[] => {
  if (!URL.canParse(text)) return [];
  const { protocol, hostname, port } = new URL(text);
  const isSecure = protocol === 'amqps:';
  // An IPv6 address stands in brackets in a URL, and nowhere else.
  const host = hostname.replaceAll(/^\[|\]$/g, '');
  const usual = isSecure ? PORTS.tls : PORTS.plain;
  return [{ host, port: port === '' ? usual : Number(port), tls: isSecure ? (tls ?? DEFAULT_TLS) : null }];
};

/** `broker.tls` speaks for the parameters of the URL; their paths are relative to where the worker runs. */
const nodesOfDsn = (dsn: Dsn, tls: TlsConfig | null, directory: string): UpstreamSpec[] => {
  const file = (path: string | null): string | null => path && resolve(directory, path);
  const own = dsn.tls && { ...dsn.tls, ca: file(dsn.tls.ca), cert: file(dsn.tls.cert), key: file(dsn.tls.key) };
  return dsn.nodes.map((node) => ({ ...node, tls: own && (tls ?? own) }));
};

/**
 * The broker of a program that reads a whole URL: what that says, so that it is asked whether it answers, as every other. Null: the
 * URL is none of a broker.
 *
 * @param tls of the broker that the program would have without it
 */
export const brokerOfDsn = (text: string, tls: TlsConfig | null, directory: string): BrokerConfig | null => {
  const dsn = parseDsn(text);
  if (dsn === null) return null;
  const nodes = nodesOfDsn(dsn, tls, directory);
  // The virtual host is the first part of the path: Symfony writes its exchange after it.
  const [virtualHost = ''] = dsn.after.replace(/^\//, '').split(/[/?#]/);
  const login = dsn.before.replace(/^.*:\/\//, '');
  const urls = nodes.map(({ host, port, tls: secure }) => {
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return `${secure === null ? 'amqp' : 'amqps'}://${login}${address}/${virtualHost}`;
  });
  return urls.every((url) => URL.canParse(url)) ? { kind: 'url', urls, tls: nodes[0]?.tls ?? null } : null;
};

/** A URL for a worker that has none of its own: that of the broker, whose virtual host is always written out (`/` is not `%2f` to all). */
const dsnOf = (broker: BrokerConfig | null, embedded: Surroundings['embedded']): Dsn | null => {
  const url = broker?.kind === 'url' ? broker.urls[0] : broker?.kind === 'embedded' ? embedded?.url : undefined;
  const dsn = url === undefined ? null : parseDsn(url);
  return dsn && { ...dsn, after: dsn.after.replace(/^\/?(?=$|[?#])/, '/%2f') };
};
