/** A process that does not grow now: whether it had anything to do, and how large it has become before. Pure. */
import { ownOf } from '../figures.ts';
import type { DiagnosisEvidence } from '../types.ts';
import { bytes } from '../words.ts';

const LARGE_BYTES = 256 * 1024 * 1024;
const IDLE_PERCENT = 1;
/** Busy with one long message. */
const WORKING_PERCENT = 10;
/** A controller that has watched it for longer calls its size its own. */
const EXPLAINED = ['flat', 'sawtooth'];

/** What leaks with each message does not grow while there is none. */
export const isIdle = ({ cpu, timeline }: DiagnosisEvidence): boolean => {
  const { userPercent, systemPercent } = cpu;
  const percent = userPercent === null || systemPercent === null ? null : userPercent + systemPercent;
  if (percent !== null && percent >= WORKING_PERCENT) return false;
  const [first, last] = [timeline[0]?.acknowledged ?? null, timeline.at(-1)?.acknowledged ?? null];
  if (first !== null && last !== null) return last === first;
  return percent !== null && percent < IDLE_PERCENT;
};

/** A sentence on what it holds, where that is much; null: it is not, or its controller knows it as it is. */
export const heldOf = ({ timeline, memory: { after }, managed }: DiagnosisEvidence): string | null => {
  const last = timeline.at(-1);
  const own = last === undefined ? null : ownOf(last);
  if (own === null || own < LARGE_BYTES || (managed !== null && EXPLAINED.includes(managed.trend))) return null;
  if (after === null) return ` But it holds ${bytes(own)}, since before this window.`;
  const native = after.brk + after.anonymous;
  const [where, part] = after.zend >= native ? ["in PHP's own heap", after.zend] : ["outside PHP's own heap", native];
  const unsure = after.zend === 0 ? 'in the heaps of PHP and of its libraries' : where;
  return ` But it holds ${bytes(own)}, ${bytes(part)} of it ${unsure}, since before this window.`;
};

export const rememberedRemedy = ({ managed }: DiagnosisEvidence): string[] => [
  `${managed === null ? 'start it again' : `ackwarden recycle ${managed.worker}`} to get that back, and look at the new one while it works: ackwarden diagnose ${managed?.worker ?? '--pid PID'} --seconds 600`,
];
