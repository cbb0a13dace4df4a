import { tlsFailure, tlsOptions } from '../linux/broker-tls.ts';
import type { BrokerTls, TlsOptions } from '../linux/broker-tls.ts';
import { PemProblem } from '../linux/pem-files.ts';
import { brokerAddress } from './address.ts';

export interface ProbeOptions {
  /** For each URL: connection, handshake and login together. */
  timeoutMs: number;
  /** For amqps:// URLs; absent: the certificate has to be signed by a public authority. */
  tls?: BrokerTls | null;
  signal?: AbortSignal;
}

const PUBLIC: BrokerTls = { ca: null, cert: null, key: null, verify: true, serverName: null };

export interface ProbeAnswer {
  reachable: boolean;
  /** A sentence that names host and port, never the password. */
  text: string;
}

/**
 * Whether a broker answers: TCP connection, AMQP 0-9-1 handshake and login, closed again at once. `urls` are nodes of one broker,
 * tried in order; the first that answers decides. Never rejects.
 */
export async function probeBroker(urls: readonly string[], options: ProbeOptions): Promise<ProbeAnswer> {
  const failures: string[] = [];
  for (const url of urls) {
    const failure = await probeOne(url, options);
    if (failure === null) return { reachable: true, text: `The broker at ${brokerAddress(url)} answers.` };
    failures.push(`The broker at ${brokerAddress(url)} ${failure}.`);
  }
  return { reachable: false, text: failures.join(' ') || 'No broker is configured.' };
}

/** Null when the broker let us in, else what went wrong, to follow its name. */
async function probeOne(url: string, options: ProbeOptions): Promise<string | null> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  if (signal.aborted) return 'was not asked: the probe was cancelled';
  const tls = /^amqps:/i.test(url) ? (options.tls ?? PUBLIC) : null;
  try {
    // Loaded here: a controller whose brokers are well pays nothing for it.
    const { connect, credentials } = await import('./amqp-lazily.ts');
    const secure: Partial<TlsOptions> = tls === null ? {} : await tlsOptions(tls);
    // Whoever shows a certificate and names no user means that the certificate says who it is.
    const login = secure.cert !== undefined && isAnonymous(url) ? { credentials: credentials.external() } : {};
    // `signal` reaches the socket: an endpoint that accepts and then says nothing does not keep it open.
    const socketOptions = { ...secure, ...login, signal, clientProperties: { connection_name: 'ackwarden probe' } };
    const opening = connect(url, socketOptions);
    const connection = await Promise.race([opening, untilAborted(signal)]);
    // Without a listener an error while closing would be thrown. The answer is known by then.
    connection.on('error', () => undefined);
    await Promise.race([connection.close(), untilAborted(signal)]).catch(() => undefined);
    return null;
  } catch (error) {
    if (options.signal?.aborted === true) return 'was not asked to the end: the probe was cancelled';
    if (deadline.aborted) return `did not answer within ${options.timeoutMs} ms`;
    return explain(error, tls);
  }
}

const isAnonymous = (url: string): boolean => URL.canParse(url) && new URL(url).username === '';

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'refuses connections: nothing listens there',
  ECONNRESET: 'closed the connection during the handshake',
  ENOTFOUND: 'cannot be found: its host name is not known',
  EAI_AGAIN: 'cannot be found: no name server answers',
  EHOSTUNREACH: 'cannot be reached: there is no route to its host',
  ENETUNREACH: 'cannot be reached: there is no route to its network',
  ETIMEDOUT: 'does not answer',
};

function explain(error: unknown, tls: BrokerTls | null): string {
  // A host with several addresses fails with one error for each; the first speaks for all.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return `failed: ${String(first)}`;
  if (first instanceof PemProblem) return `cannot be asked: ${first.message.replace(/\.$/, '')}`;
  const failure = tls === null ? null : tlsFailure(first, tls);
  if (failure !== null) return failure;
  const code = 'code' in first ? String(first.code) : '';
  const reason = REASONS[code];
  if (reason !== undefined) return reason;
  if (/ACCESS.REFUSED|403/i.test(first.message)) return 'refuses our user or password';
  if (/Invalid URL|as the protocol/.test(first.message))
    return 'cannot be asked: the URL is not an amqp:// or amqps:// URL';
  if (/closed abruptly/i.test(first.message)) return 'closed the connection during the handshake';
  return `failed: ${first.message}`;
}
