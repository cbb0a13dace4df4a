/** Parts of the conclusion's paragraph. Pure. */
import { basename } from 'node:path';
import { growthOf } from '../figures.ts';
import type { DiagnosisEvidence } from '../types.ts';
import { bytes, duration } from '../words.ts';
import type { Places } from './places.ts';

const BUSY_PERCENT = 25;

export const whoText = ({ managed, process }: DiagnosisEvidence): string =>
  managed === null
    ? `pid ${process.pid} (${basename(process.executable ?? process.command[0] ?? 'unknown')})`
    : `${managed.worker} (pid ${process.pid})`;

/** How much, how fast, for each message, and when the ceiling comes. */
export const growthSentence = (evidence: DiagnosisEvidence, { ownBytes }: Places): string => {
  const { totalBytesPerMinute, bytesPerMessage } = growthOf(evidence.timeline);
  const rate = totalBytesPerMinute === null ? '' : `, ${bytes(totalBytesPerMinute)} a minute`;
  const each = bytesPerMessage === null || bytesPerMessage <= 0 ? '' : `, ${bytes(bytesPerMessage)} for each message`;
  return `it grew ${bytes(ownBytes)} in ${duration(evidence.seconds)}${rate}${each}${ceilingText(evidence, totalBytesPerMinute)}`;
};

const ceilingText = ({ managed, timeline }: DiagnosisEvidence, bytesPerMinute: number | null): string => {
  const last = timeline.at(-1);
  const ceiling = managed?.softBytes ?? managed?.hardBytes ?? null;
  if (ceiling === null || last?.rssBytes == null || bytesPerMinute === null || bytesPerMinute <= 0) return '';
  const room = ceiling - last.rssBytes - (last.swapBytes ?? 0);
  if (room <= 0) return '';
  return ` (at that rate it reaches its ceiling of ${bytes(ceiling)} in ${duration((room / bytesPerMinute) * 60)})`;
};

/** High processor use is what people take for the trouble; in a worker at work it is none. */
export const cpuSentence = ({ cpu }: DiagnosisEvidence): string => {
  const { userPercent, systemPercent, involuntarySwitchesPerSecond } = cpu;
  if (userPercent === null || systemPercent === null) return '';
  const all = Math.round(userPercent + systemPercent);
  if (all < BUSY_PERCENT) return '';
  const split = `${all} % of a processor, ${Math.round(userPercent)} in its own code and ${Math.round(systemPercent)} in the kernel`;
  if (systemPercent > userPercent && systemPercent >= BUSY_PERCENT)
    return ` It uses ${split}: that much of the kernel is unusual, see what it waits in and its page faults.`;
  const crowded =
    (involuntarySwitchesPerSecond ?? 0) >= 100 ? ' Others want the same processors: it is often interrupted.' : '';
  return ` It uses ${split}: high, but normal for a worker that is busy.${crowded}`;
};
