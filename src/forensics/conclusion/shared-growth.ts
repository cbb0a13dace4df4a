/**
 * Shared memory that grows: segments, files of a tmpfs, mappings that others see, too. The kernel cannot drop it, only swap it. Where
 * nothing more is mapped it is a cache of a fixed size that fills. Pure.
 */
import { growthOf } from '../figures.ts';
import type { Because, Conclusion, DiagnosisEvidence } from '../types.ts';
import { bytes, duration, percent } from '../words.ts';
import { suspectOf } from './module.ts';
import type { Suspect } from './module.ts';
import type { Places } from './places.ts';
import { sharedRemedy } from './remedy.ts';
import { cpuSentence, whoText } from './sentences.ts';
import { ageReasons, confidenceOf, growthReasons, say, suspectText } from './weigh.ts';

/** Of the growth so much must be newly mapped. */
const NEW_SHARE = 0.5;

export const sharedGrowth = (evidence: DiagnosisEvidence, places: Places): Conclusion => {
  const mapped = evidence.memory.mappedShared;
  const isNew = mapped === null || mapped.toBytes - mapped.fromBytes >= NEW_SHARE * places.sharedBytes;
  return isNew ? leak(evidence, places) : filling(evidence, places);
};

const leak = (evidence: DiagnosisEvidence, places: Places): Conclusion => {
  const { seconds, timeline, memory } = evidence;
  const { sharedBytes } = places;
  const suspect = suspectOf(evidence, sharedBytes);
  const rate = growthOf(timeline).sharedBytesPerMinute;
  const what = memory.grown.find(({ kind }) => kind === 'shared')?.what ?? null;
  const because = [...reasons(evidence, places), ...newReasons(evidence), ...perfReasons(suspect)];
  return {
    kind: 'shared',
    module: suspect?.module ?? null,
    confidence: confidenceOf(because),
    text: `${whoText(evidence)} leaks shared memory: it grew ${bytes(sharedBytes)} in ${duration(seconds)}${rate === null ? '' : `, ${bytes(rate)} a minute`}${what === null ? '' : `, in ${what}`}. memory_get_usage() does not see it, and the kernel cannot drop it, only swap it.${cpuSentence(evidence)}`,
    because,
    remedy: sharedRemedy(evidence, what),
  };
};

const reasons = (evidence: DiagnosisEvidence, { shared, sharedBytes }: Places): Because[] => [
  ...(shared === null ? [] : growthReasons(shared, sharedBytes, evidence.seconds)),
  ...ageReasons(evidence),
];

const newReasons = ({ memory: { mappedShared: mapped } }: DiagnosisEvidence): Because[] =>
  mapped === null
    ? [say(-0.2, 'its mappings may not be read: it may be a cache of a fixed size that fills')]
    : [
        say(
          0.2,
          `${bytes(mapped.toBytes - mapped.fromBytes)} more of it were mapped, so it is no cache of a fixed size that fills`,
        ),
      ];

const perfReasons = (suspect: Suspect | null): Because[] =>
  suspect?.share == null || suspect.share < NEW_SHARE
    ? []
    : [
        say(
          0.1,
          `perf: ${suspectText(suspect)} touched ${percent(suspect.share)} of the new pages that PHP itself did not`,
        ),
      ];

const filling = (evidence: DiagnosisEvidence, { sharedBytes }: Places): Conclusion => {
  const all = evidence.memory.mappedShared?.toBytes ?? 0;
  const because = [say(0.25, `all of its ${bytes(all)} were mapped already: it cannot grow beyond that`)];
  return {
    kind: 'growth-normal',
    module: null,
    confidence: confidenceOf(because),
    text: `${whoText(evidence)} touched ${bytes(sharedBytes)} more of its shared memory in ${duration(evidence.seconds)}: a cache of a fixed size fills (opcache, APCu), or it reads what others have written there.${cpuSentence(evidence)}`,
    because,
    remedy: [],
  };
};
