/** Certificates of a test, made with openssl(1): an authority, what it signs, and a stranger. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Pair {
  cert: string;
  key: string;
}

const openssl = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'pipe' });

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A self-signed authority. */
export function makeAuthority(folder: string, name: string): Pair {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  openssl('req', '-x509', ...NEW_KEY, '-keyout', key, '-out', cert, '-days', '2', '-subj', `/CN=${name}`);
  return { cert, key };
}

/**
 * A certificate that the authority signed.
 *
 * @param names as subjectAltName has them: `DNS:rabbit.test,IP:127.0.0.1`
 * @param days how long it is valid; negative: it has expired
 */
export function sign(folder: string, authority: Pair, about: { name: string; names?: string; days?: number }): Pair {
  const { name, names = `DNS:${name}`, days = 1 } = about;
  const at = (suffix: string): string => join(folder, `${name}.${suffix}`);
  openssl('req', '-new', ...NEW_KEY, '-keyout', at('key'), '-out', at('csr'), '-subj', `/CN=${name}`);
  writeFileSync(at('ext'), `subjectAltName=${names}\n`);
  const ca = ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial'];
  openssl('x509', '-req', '-in', at('csr'), ...ca, '-out', at('pem'), '-days', String(days), '-extfile', at('ext'));
  return { cert: at('pem'), key: at('key') };
}
