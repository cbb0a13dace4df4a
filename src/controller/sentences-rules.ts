/** Rules about a worker and about its host, in words (sentences.ts). */
import type { Evidence } from '../core/types.ts';
import { who } from './entry-words.ts';
import { bytes, plural, rate, seconds } from './words.ts';

interface RuleEntry {
  worker: string | null;
  program: string | null;
  pid: number | null;
  evidence: Evidence;
}

type Template = (entry: RuleEntry, where: string) => string;

const number = ({ evidence }: RuleEntry, key: string): number | null => {
  const value = evidence[key];
  return typeof value === 'number' ? value : null;
};

const tooLow =
  (what: string): Template =>
  (entry, where) => {
    const ceiling = String(entry.evidence['ceiling'] ?? 'soft');
    return `The ${ceiling} ceiling of ${entry.program ?? ''} is too low for its workers${where}: a fresh one settles at ${bytes(number(entry, 'bytes'))}, and ${bytes(number(entry, 'ceilingBytes'))} is allowed; ${what}; set memory.${ceiling} to at least ${bytes(number(entry, 'leastBytes'))}, or find out what takes it (ackwarden diagnose ${entry.worker ?? ''})`;
  };

const NO_MORE = 'recycling does not help, so it is not recycled for that any more until workers.yaml changes';

/** `it has used 97 % of a processor for 5 min 0 s (user 80 %, system 17 %), and cpu.limit is 90 % (workers.yaml:12)`, and whether it works. */
const busy = (entry: RuleEntry, where: string): string => {
  const of = (key: string): string => `${number(entry, key) ?? 0} %`;
  const done = number(entry, 'acknowledged');
  const work =
    done === null
      ? ''
      : done > 0
        ? `; it acknowledged ${plural(done, 'message', 'messages')} meanwhile: high, but it may be the work`
        : '; it acknowledged no message meanwhile: it may be caught in a loop, or in one long job';
  return `it has used ${of('percent')} of a processor for ${seconds(number(entry, 'forMs') ?? 0)} (user ${of('userPercent')}, system ${of('systemPercent')}), and cpu.limit is ${of('limitPercent')}${where}${work}`;
};

/** `it holds a message for 12 min 3 s (stuck.inFlight is 10 min 0 s, workers.yaml:20), has used 0.02 s of CPU since and is in recvfrom on a socket`. */
const holds = (entry: RuleEntry, where: string): string => {
  const cpu = number(entry, 'cpuMs');
  const waits = entry.evidence['waits'] ?? null;
  const used = cpu === null ? '' : `, has used ${seconds(cpu)} of CPU since`;
  const what = waits === null ? '' : `${cpu === null ? ',' : ' and'} is now ${String(waits)}`;
  return `it holds a message for ${seconds(number(entry, 'ageMs') ?? 0)}, and stuck.inFlight is ${seconds(number(entry, 'limitMs') ?? 0)}${where}${used}${what}`;
};

/** `from 0 to 150: …`, and how little room there is where the steps did not fit. */
const scored =
  (why: string): Template =>
  (entry, where) => {
    const room = number(entry, 'room');
    const narrow = room === null ? '' : `; above its scoreAdj are only ${plural(room, 'point', 'points')} of room`;
    return `Set oom_score_adj of ${who(entry)} from ${number(entry, 'from') ?? 0} to ${number(entry, 'to') ?? 0}: ${why}${where}${narrow}`;
  };

/** What was measured of the host, and the limit that it passed: `412 MiB of 7.8 GiB available for 10 s, and host.reserve is 1 GiB (workers.yaml:4)`. */
const hostFigures = (entry: RuleEntry, where: string): string => {
  const wanted = String(entry.evidence['wanted'] ?? '');
  const available = `${bytes(number(entry, 'availableBytes'))} of ${bytes(number(entry, 'totalBytes'))} available`;
  const span = `for ${seconds(number(entry, 'forMs') ?? 0)}`;
  if (wanted === 'host.low')
    return `${available} ${span}, and host.reserve is ${bytes(number(entry, 'reserveBytes'))}${where}`;
  if (wanted === 'host.swapIn')
    return `it swaps in ${rate(number(entry, 'swapInBytesPerSecond') ?? 0)} ${span}, and host.swapIn is ${rate(number(entry, 'limitBytesPerSecond') ?? 0)}${where}; ${available}`;
  const stall = number(entry, 'stallPercent');
  return `work waited for memory in ${stall ?? 'an unknown share'} % of the time ${span}, and host.pressure is ${number(entry, 'limitPercent') ?? 0} %${where}; ${available}`;
};

const VICTIMS: Record<string, string> = {
  leaks: 'it leaks',
  grows: 'it grows',
  largest: 'it holds most, in the program that matters least',
};

const forHost: Template = (entry, where) =>
  `Recycled ${who(entry)} for the host: ${hostFigures(entry, where)}; ${VICTIMS[String(entry.evidence['why'])] ?? 'it was chosen'}, and about ${bytes(number(entry, 'freesBytes'))} come back`;

export const RULE_ENTRIES: Record<string, Template> = {
  'hold.storm': (entry, where) =>
    `${entry.program ?? ''} has used up recycle.budget of ${number(entry, 'count') ?? 0} per ${seconds(number(entry, 'windowMs') ?? 0)}${where}: ${plural(number(entry, 'waiting') ?? 0, 'worker waits', 'workers wait')} for a recycle, and until the next one in ${seconds(number(entry, 'nextInMs') ?? 0)} only hard ceilings recycle`,
  'host.acts': (entry, where) =>
    `The host is short of memory: ${hostFigures(entry, where)}; ${entry.worker ?? ''} is recycled for that, because ${VICTIMS[String(entry.evidence['why'])] ?? 'it was chosen'}`,
  'host.noVictim': (entry, where) =>
    `The host is short of memory: ${hostFigures(entry, where)}; nothing is done, because no worker may be recycled now that would give back anything: see what else runs here`,
  'host.stallAlone': (entry, where) =>
    `On this host ${hostFigures(entry, where)}; but memory is available and nothing is swapped: nothing is done, for no recycle would help`,
  'host.low': forHost,
  'host.swapIn': forHost,
  'host.pressure': forHost,
  'oom.suspect': scored('it leaks, so the kernel shall take it before its siblings'),
  'oom.goingAway': scored('it is on its way out, so the kernel shall take it first'),
  'oom.cleared': scored('it is a worker like its siblings again'),
  'oom.refused': (entry) =>
    `oom.policy is off for ${who(entry)} until workers.yaml changes: ${String(entry.evidence['text'] ?? '').replace(/[.\s]+$/, '')}`,
  'cpu.high': (entry, where) => `${who(entry)} is busy: ${busy(entry, where)}`,
  'cpu.limit': (entry, where) => `Recycled ${who(entry)}: ${busy(entry, where)}`,
  'cpu.limit.again': (entry, where) =>
    `${who(entry)} replaced a worker that was recycled for its CPU use, and ${seconds(number(entry, 'ageMs') ?? 0)} later ${busy(entry, where)}; recycling does not help, so ${entry.program ?? ''} is not recycled for that any more until workers.yaml changes`,
  'stuck.holds': (entry, where) => `${who(entry)} is stuck: ${holds(entry, where)}`,
  'stuck.inFlight': (entry, where) =>
    `Recycled ${who(entry)}: ${holds(entry, where)}; it gets recycle.drainTimeout to finish, then the message goes back to the queue`,
};

export const RULE_OUTCOMES: Record<string, (evidence: Evidence) => string> = {
  'host.gone': (evidence) =>
    `it is gone after ${seconds(Number(evidence['tookMs'] ?? 0))}, and ${sized(evidence['availableBytes'])} are available (${sized(evidence['beforeBytes'])} before)`,
  'host.notGone': (evidence) =>
    `it is still there after ${seconds(Number(evidence['tookMs'] ?? 0))}, and not waited for any more; ${sized(evidence['availableBytes'])} are available`,
};

const sized = (value: Evidence[string] | undefined): string => bytes(typeof value === 'number' ? value : null);

export const VERIFY_ENTRIES: Record<string, Template> = {
  'memory.soft.tooLow': tooLow(NO_MORE),
  'memory.growth.tooLow': tooLow(NO_MORE),
  'memory.hard.tooLow': tooLow('it goes on being recycled there, because that ceiling protects the host'),
};
