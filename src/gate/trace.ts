/**
 * What a delivery is recognised by when it comes again. A message of a classic queue has no identity but its content, so a trace keeps
 * what makes one: exchange and routing key, properties, size, and the beginning of the body.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { ARGUMENTS, methodOf, readShortString } from './decode.ts';
import { FRAME, METHOD } from './method-ids.ts';
import { readContent } from './content.ts';

/** Of a body so much is looked at. */
export const PREFIX_BYTES = 512;
/** Messages with longer properties are not traced. */
export const MAX_HEADER_BYTES = 4_096;

export interface Trace {
  /** Whole frames, as they came. */
  method: Buffer;
  header: Buffer;
  /** The first bytes of the body, at most PREFIX_BYTES. */
  prefix: Buffer;
  redelivered: boolean;
  /** Where it came from; null: nobody knows. */
  queue: string | null;
}

/** A message, as it is told to people. */
export interface MessageIdentity {
  /** Of exchange, routing key, properties and size: what can be known before the body has come. */
  head: string;
  fingerprint: string;
  queue: string | null;
  messageId: string | null;
  contentType: string | null;
  sizeBytes: number;
}

export function identify({ method, header, prefix, queue }: Trace): MessageIdentity {
  const { messageId, contentType, sizeBytes } = readContent(header);
  const hash = hashOfHead(method, header);
  const head = text(hash.copy());
  return { head, fingerprint: text(hash.update(prefix)), queue, messageId, contentType, sizeBytes };
}

/** The part of the fingerprint that is known once the header frame is there. */
export const headOf = (method: Buffer, header: Buffer): string => text(hashOfHead(method, header));

function hashOfHead(method: Buffer, header: Buffer): Hash {
  const hash = createHash('sha256');
  for (const part of routingOf(method)) hash.update(`${part.length} ${part}`);
  readContent(header, (part) => hash.update(part));
  return hash;
}

/** Exchange and routing key of a basic.deliver or get-ok. */
function routingOf(frame: Buffer): string[] {
  const tag = methodOf(frame) === METHOD.basicDeliver ? 1 + frame.readUInt8(ARGUMENTS) : 0;
  const [exchange, at] = readShortString(frame, ARGUMENTS + tag + 9);
  return [exchange, readShortString(frame, at)[0]];
}

const text = (hash: Hash): string => hash.digest('base64url').slice(0, 12);

/** Bytes of payload in a frame. */
export const payloadOf = (frame: Buffer): Buffer => frame.subarray(FRAME.head, frame.length - 1);
