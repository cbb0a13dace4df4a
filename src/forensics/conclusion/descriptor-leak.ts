/** It opens and does not close, while its memory hardly grows, or cannot be seen. Pure. */
import type { Because, Conclusion, DiagnosisEvidence } from '../types.ts';
import { bytes, duration } from '../words.ts';
import { keptText } from './kept.ts';
import type { Kept } from './kept.ts';
import type { Places } from './places.ts';
import { keptRemedy } from './remedy.ts';
import { cpuSentence, whoText } from './sentences.ts';
import { ageReasons, confidenceOf, keptReasons, say } from './weigh.ts';

export const descriptorLeak = (evidence: DiagnosisEvidence, places: Places, kept: Kept): Conclusion => {
  const because = [
    ...keptReasons(kept),
    ...muchReasons(evidence, kept),
    memoryReason(evidence, places, kept),
    ...ageReasons(evidence),
  ];
  return {
    kind: 'descriptors',
    module: kept.module,
    confidence: confidenceOf(because),
    text: `${whoText(evidence)} opens ${kept.thing} and does not close them: ${keptText(evidence, kept)}.${cpuSentence(evidence)}`,
    because,
    remedy: keptRemedy(evidence, kept, []),
  };
};

/** No pool of connections is as large. */
const MANY = 50;

const muchReasons = ({ seconds }: DiagnosisEvidence, { count }: Kept): Because[] =>
  count < MANY ? [] : [say(0.25, `${Math.round(count)} in ${duration(seconds)} are more than a pool would need`)];

const memoryReason = ({ seconds, memory }: DiagnosisEvidence, { ownBytes }: Places, { bytesEach }: Kept): Because => {
  const grew = `its memory grew by ${bytes(ownBytes)} in ${duration(seconds)}`;
  return bytesEach === null
    ? say(0, `${grew}, which says nothing about them`)
    : say(0, `${grew}; where cannot be told: ${memory.zendWhy ?? memory.why ?? 'it may not be read'}`);
};
