/**
 * What a process opens and does not close: connections, streams, files. Each costs memory on both sides of PHP's heap, and one of the
 * descriptors it may have. Pure.
 */
import { descriptorsOf, seriesOf } from '../figures.ts';
import type { DiagnosisEvidence, MoreDescriptors } from '../types.ts';
import { bytes, duration, moreText } from '../words.ts';
import type { Suspect } from './module.ts';

/** A pool of connections that fills has no more. */
const LEAST_MORE = 10;
const LEAST_SHARE = 0.1;
const STEADY_TAU = 0.8;
/** What is closed again in the window was not kept; what comes slower and slower is a pool that fills. */
const MOST_CLOSED = 0.15;
const SLOWING = 0.35;
/** More memory than this with each is not explained by them. A TLS connection of libcurl before 7.87 has read all of the CA file: 0.9 MiB. */
const MOST_BYTES_EACH = 2 * 1024 * 1024;
const MOST_NAMED = 3;

export type Thing = 'curl handles' | 'TLS connections' | 'connections' | 'pipes' | 'files' | 'descriptors';

export interface Kept {
  thing: Thing;
  /** Extension that they belong to, where that is known. */
  module: string | null;
  count: number;
  perMinute: number;
  /** Of memory that came with each; null: memory did not grow with them. */
  bytesEach: number | null;
  /** What they are on, e.g. `295 connections to 127.0.0.1:8802`; empty: it may not be seen. */
  on: string;
  halfClosed: number;
}

/** Who takes it, as perf saw it, and what is opened meanwhile and not closed. */
export interface Found {
  suspect: Suspect | null;
  kept: Kept | null;
}

/** Null: it closes what it opens. `ownBytes`: by how much its memory grew. */
export const keptOf = (evidence: DiagnosisEvidence, ownBytes: number, suspect: Suspect | null): Kept | null => {
  const figures = seriesOf(evidence.timeline, descriptorsOf)?.figures;
  if (figures === undefined) return null;
  const { climbBytes: count, firstBytes: from, tau, halfRatio, fallBytes: closed, slope } = figures;
  if (count < Math.max(LEAST_MORE, LEAST_SHARE * from) || tau < STEADY_TAU || closed > MOST_CLOSED * count) return null;
  if (halfRatio !== null && halfRatio < SLOWING) return null;
  const { more } = evidence.descriptors;
  const isCurl = suspect === null ? looksLikeCurl(evidence) : suspect.module === 'curl';
  const each = ownBytes / Math.max(count / (isCurl ? perCurlHandle(more) : 1), 1);
  return {
    thing: isCurl ? 'curl handles' : thingOf(more, suspect),
    module: isCurl ? 'curl' : null,
    count: countOf(more, () => true) || count,
    perMinute: slope * 60_000,
    bytesEach: ownBytes > 0 && each <= MOST_BYTES_EACH ? each : null,
    on: [...more.filter(isConnection), ...more.filter((one) => !isConnection(one))]
      .slice(0, MOST_NAMED)
      .map(moreText)
      .join(', '),
    halfClosed: more.reduce((sum, { halfClosed }) => sum + halfClosed, 0),
  };
};

const countOf = (more: readonly MoreDescriptors[], isIt: (each: MoreDescriptors) => boolean): number =>
  more.filter(isIt).reduce((sum, { count }) => sum + count, 0);

const isConnection = ({ what }: MoreDescriptors): boolean => what.startsWith('connection to ');
/** By which libcurl wakes itself up: each handle has its own, a pair of sockets, a pipe or an eventfd. */
const isWakeUp = ({ what }: MoreDescriptors): boolean => ['unix socket', 'pipe', 'eventfd'].includes(what);

/** As many handles as connections; what wakes them up comes on top. */
const perCurlHandle = (more: readonly MoreDescriptors[]): number => {
  const connections = countOf(more, isConnection);
  return connections === 0 ? 1 : countOf(more, () => true) / connections;
};

/** Without perf: curl is loaded, and with each connection comes what libcurl wakes itself up by. */
const looksLikeCurl = ({ extensions, descriptors: { more } }: DiagnosisEvidence): boolean => {
  const connections = countOf(more, isConnection);
  const isLoaded = extensions.some(({ name }) => name === 'curl');
  return isLoaded && connections > 0 && countOf(more, isWakeUp) >= 0.9 * connections;
};

const thingOf = (more: readonly MoreDescriptors[], suspect: Suspect | null): Thing => {
  const all = countOf(more, () => true);
  const most = (kind: MoreDescriptors['kind']): boolean => countOf(more, (each) => each.kind === kind) > all / 2;
  if (most('socket'))
    return /^lib(?:ssl|crypto)/.test(suspect?.library ?? suspect?.module ?? '') ? 'TLS connections' : 'connections';
  if (most('pipe')) return 'pipes';
  return most('file') ? 'files' : 'descriptors';
};

/** `891 descriptors more in 10 s (297 connections to …), 13 KiB with each`, and when there are none left. */
export const keptText = (evidence: DiagnosisEvidence, kept: Kept): string => {
  const { count, bytesEach, on, thing } = kept;
  const each =
    bytesEach === null ? '' : `, ${bytes(bytesEach)} of memory with each${thing === 'curl handles' ? ' handle' : ''}`;
  return `${Math.round(count)} descriptors more in ${duration(evidence.seconds)}${on === '' ? '' : ` (${on})`}${each}${endText(evidence, kept)}`;
};

/** Seconds until it may open no more; null: not known. */
export const secondsLeft = ({ descriptors, timeline }: DiagnosisEvidence, { perMinute }: Kept): number | null => {
  const open = timeline.at(-1)?.descriptors ?? null;
  if (descriptors.limit === null || open === null || perMinute <= 0) return null;
  return Math.max(0, ((descriptors.limit - open) / perMinute) * 60);
};

const endText = (evidence: DiagnosisEvidence, kept: Kept): string => {
  const left = secondsLeft(evidence, kept);
  return left === null
    ? ''
    : `; at that rate it has all ${evidence.descriptors.limit} that it may have in ${duration(left)}`;
};
