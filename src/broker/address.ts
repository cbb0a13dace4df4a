/**
 * Where an AMQP URL leads, without its user and password: `127.0.0.1:5672`, with the virtual host where it is not `/`. Text that is
 * no URL may itself be a secret, so it is not repeated.
 */
export function brokerAddress(url: string): string {
  if (!URL.canParse(url)) return '(a broker URL that cannot be read)';
  const { hostname, port, protocol, pathname } = new URL(url);
  const shownPort = port === '' ? (protocol === 'amqps:' ? '5671' : '5672') : port;
  const virtualHost = pathname.length > 1 ? ` (virtual host ${readable(pathname.slice(1))})` : '';
  return `${hostname}:${shownPort}${virtualHost}`;
}

function readable(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // Not valid percent-encoding: shown as written.
  }
}
