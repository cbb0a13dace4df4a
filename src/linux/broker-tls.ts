/** TLS to a broker, as the gate and the probe speak it: what tls.connect is given, and what its failures mean. */
import { errorCode } from './proc-file.ts';
import { readPemFiles } from './pem-files.ts';
import type { PemFiles, PemTexts } from './pem-files.ts';

export interface BrokerTls extends PemFiles {
  /** False: whoever answers is taken for the broker. */
  verify: boolean;
  /** The name that is asked for and expected in the broker's certificate; null: that of the host. */
  serverName: string | null;
}

/** As tls.connect takes them. */
export interface TlsOptions extends PemTexts {
  servername?: string;
  rejectUnauthorized: boolean;
}

/** Reads the files; rejects with PemProblem. */
export async function tlsOptions(tls: BrokerTls): Promise<TlsOptions> {
  const texts = await readPemFiles(tls, Date.now());
  const name = tls.serverName === null ? {} : { servername: tls.serverName };
  return { ...texts, ...name, rejectUnauthorized: tls.verify };
}

const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

/** What a TLS failure means, to follow the broker's name; null: it is none. */
export function tlsFailure(error: Error, { ca, cert }: BrokerTls): string | null {
  const code = errorCode(error) ?? '';
  if (UNTRUSTED.has(code)) {
    const expected = ca === null ? 'by a public authority (broker.tls.ca names another)' : `by an authority in ${ca}`;
    return `shows a certificate that was not signed ${expected}`;
  }
  if (code === 'CERT_HAS_EXPIRED') return 'shows a certificate that has expired';
  if (code === 'CERT_NOT_YET_VALID') return 'shows a certificate that is not valid yet';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `shows a certificate for another name (${reasonOf(error)}): broker.tls.serverName says which one to expect`;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code))
    return 'does not speak TLS on this port: amqp://, usually port 5672, is AMQP without it';
  if (/ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE|ALERT_(?:BAD|UNKNOWN)_C|ALERT_CERTIFICATE/.test(code)) {
    return cert === null
      ? 'asks for a client certificate: broker.tls.cert and broker.tls.key name one'
      : `refuses the client certificate in ${cert}`;
  }
  // TLS 1.3 ends the handshake before the broker judges our certificate: its refusal may be lost in the reset that meets our first bytes.
  if ((code === 'ECONNRESET' || code === 'EPIPE') && cert !== null)
    return `ended the connection (${code}), as one does that refuses the client certificate in ${cert}`;
  if (/before secure TLS connection was established/.test(error.message))
    return 'closed the connection during the TLS handshake';
  return null;
}

const reasonOf = (error: Error): string =>
  'reason' in error && typeof error.reason === 'string' ? error.reason.replace(/\.$/, '') : error.message;
