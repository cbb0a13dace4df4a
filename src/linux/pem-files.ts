/**
 * The PEM files of TLS to a broker. They are read anew for every connection, so that a renewed certificate needs no restart, and
 * judged before OpenSSL sees them: its own errors name neither file nor cause.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { errorCode } from './proc-file.ts';

/** Paths; null: none. */
export interface PemFiles {
  ca: string | null;
  cert: string | null;
  key: string | null;
}

/** Their text, as tls.connect takes it; `key` is a secret. */
export interface PemTexts {
  ca?: string;
  cert?: string;
  key?: string;
}

export type PemField = keyof PemFiles;

/** A file that cannot be used; the message is a sentence with its path, and never with its content. */
export class PemProblem extends Error {
  override readonly name = 'PemProblem';
  readonly field: PemField;

  constructor(field: PemField, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/** Far above any bundle of authorities. */
const MOST_BYTES = 4 * 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist (a part of its path is not a directory)',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
  EISDIR: 'is a directory',
};

/** Rejects with PemProblem where a file is missing, unreadable, not PEM, expired at `wall`, or where key and certificate are no pair. */
export async function readPemFiles(files: PemFiles, wall: number): Promise<PemTexts> {
  const texts: PemTexts = {};
  if (files.ca !== null) {
    texts.ca = await readPem('ca', files.ca);
    judgeAuthorities(texts.ca, files.ca, wall);
  }
  if (files.cert === null || files.key === null) return texts;
  texts.cert = await readPem('cert', files.cert);
  const certificate = certificatesIn('cert', texts.cert, files.cert).next().value;
  if (certificate !== undefined) judgeTime('cert', certificate, { path: files.cert, wall });
  texts.key = await readPem('key', files.key);
  if (certificate?.checkPrivateKey(parseKey(texts.key, files.key)) === false) {
    throw new PemProblem('key', `The private key in ${files.key} does not belong to the certificate in ${files.cert}.`);
  }
  return texts;
}

async function readPem(field: PemField, path: string): Promise<string> {
  try {
    // Non-blocking, so that a FIFO is refused instead of waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      if (!status.isFile() || status.size > MOST_BYTES)
        throw new PemProblem(field, `${path} cannot be used for TLS: expected a PEM file of at most 4 MiB.`);
      return await file.readFile('latin1');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof PemProblem) throw error;
    const code = errorCode(error) ?? String(error);
    const why = READ_ERRORS[code] ?? `cannot be read (${code})`;
    const who = why === 'may not be read' ? ` by user id ${process.geteuid?.() ?? '?'}, which ackwarden runs as` : '';
    throw new PemProblem(field, `The file ${path}, which TLS to the broker needs, ${why}${who}.`, { cause: error });
  }
}

function* certificatesIn(field: PemField, text: string, path: string): Generator<X509Certificate, undefined> {
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0)
    throw new PemProblem(field, `${path} holds no certificate: expected PEM text with a BEGIN CERTIFICATE line.`);
  for (const pem of found) {
    try {
      yield new X509Certificate(pem);
    } catch (error) {
      throw new PemProblem(field, `A certificate in ${path} cannot be read: it is damaged.`, { cause: error });
    }
  }
}

/** One that is valid will do: a bundle may keep authorities that have had their time. */
function judgeAuthorities(text: string, path: string, wall: number): void {
  let latest: X509Certificate | null = null;
  for (const certificate of certificatesIn('ca', text, path)) {
    if (wall < Date.parse(certificate.validTo)) return;
    latest = certificate;
  }
  if (latest !== null) judgeTime('ca', latest, { path, wall });
}

function judgeTime(
  field: PemField,
  { validFrom, validTo }: X509Certificate,
  { path, wall }: { path: string; wall: number },
): void {
  const day = (text: string): string => new Date(text).toISOString().replace(/\.000Z$/, 'Z');
  if (wall >= Date.parse(validTo))
    throw new PemProblem(field, `The certificate in ${path} expired at ${day(validTo)}.`);
  if (wall < Date.parse(validFrom))
    throw new PemProblem(field, `The certificate in ${path} is not valid before ${day(validFrom)}.`);
}

function parseKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    const isEncrypted = errorCode(error) === 'ERR_MISSING_PASSPHRASE' || /ENCRYPTED/.test(text);
    // Without a cause: OpenSSL's errors are of no use here, and nothing of a key may travel.
    throw new PemProblem(
      'key',
      isEncrypted
        ? `The private key in ${path} is locked with a passphrase: expected one without, in a file that only ackwarden's user may read.`
        : `${path} holds no private key: expected PEM text with a BEGIN PRIVATE KEY line.`,
    );
  }
}
