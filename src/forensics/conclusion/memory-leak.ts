/** It grows and keeps it: in an extension or a library, or in PHP's own heap. Pure. */
import { isUnconfirmed } from '../advisory-match.ts';
import { growthOf } from '../figures.ts';
import type { AdvisoryMatch, Because, Conclusion, DiagnosisEvidence } from '../types.ts';
import { percent } from '../words.ts';
import { keptText } from './kept.ts';
import type { Found, Kept } from './kept.ts';
import { fitting } from './module.ts';
import type { Suspect } from './module.ts';
import type { Places } from './places.ts';
import { keptRemedy, nativeRemedy, zendRemedy } from './remedy.ts';
import { growthSentence, whoText } from './sentences.ts';
import {
  confidenceOf,
  growthReasons,
  historyReasons,
  keptReasons,
  nativeReasons,
  say,
  suspectText,
  zendReasons,
} from './weigh.ts';

export const nativeLeak = (evidence: DiagnosisEvidence, places: Places, { suspect, kept }: Found): Conclusion => {
  const known = fitting(evidence, 'native');
  const about = known.filter(({ advisory }) => suspect === null || advisory.extension === suspect.module);
  const blamed = suspect ?? guessOf(about, kept);
  const because = [
    ...(places.own === null ? [] : growthReasons(places.own, places.ownBytes, evidence.seconds)),
    ...nativeReasons(evidence, places, { suspect, kept }),
    ...advisoryReasons(about, suspect),
    ...(kept === null ? [] : keptReasons(kept)),
    ...historyReasons(evidence),
  ];
  return {
    kind: 'native',
    module: blamed?.module ?? null,
    confidence: confidenceOf(because),
    text: `${whoText(evidence)} leaks native memory: ${growthSentence(evidence, places)}, ${partOf(places)}outside PHP's own heap; ${whoTakesIt(blamed, { suspect, kept })}.${keptSentence(evidence, kept)}`,
    because,
    remedy: isExplained(kept) ? keptRemedy(evidence, kept, about) : nativeRemedy(evidence, blamed, about),
  };
};

/** What an extension keeps open may lie in PHP's own heap for the larger part: the answers that it holds. */
const partOf = ({ nativeBytes, ownBytes }: Places): string =>
  (nativeBytes ?? 0) >= ownBytes / 2 ? '' : `${percent((nativeBytes ?? 0) / ownBytes)} of it `;

/** Without perf: the extension of what is kept open, else a loaded version that is known to leak. */
const guessOf = (about: readonly AdvisoryMatch[], kept: Kept | null): Suspect | null => {
  const module = kept?.module ?? about.find(({ version }) => version !== null)?.advisory.extension ?? null;
  return module === null ? null : { module, isExtension: true, library: null, share: null };
};

const advisoryReasons = (about: readonly AdvisoryMatch[], suspect: Suspect | null): Because[] => {
  const known = about.find(({ version }) => version !== null)?.advisory;
  if (known === undefined) return [];
  const [weight, is] = isUnconfirmed(known) ? [0, 'said'] : [suspect === null ? 0 : 0.1, 'known'];
  return [say(weight, `this version of ${known.extension} is ${is} to leak: ${known.symptom}`)];
};

const whoTakesIt = (blamed: Suspect | null, { suspect, kept }: Found): string => {
  if (suspect !== null) return `${suspectText(suspect)} is the one that takes it`;
  if (kept !== null && kept.module !== null) return `what it opens looks like that of the extension ${kept.module}`;
  return blamed === null
    ? 'which extension or library it is, is not known'
    : `the loaded ${blamed.module} is known for that, and is the first to look at`;
};

export const zendLeak = (evidence: DiagnosisEvidence, places: Places, { suspect, kept }: Found): Conclusion => {
  const series = places.zend ?? places.own;
  const about = fitting(evidence, 'zend');
  const because = [
    ...(series === null
      ? []
      : growthReasons(series, Math.min(places.zendBytes ?? 0, places.ownBytes), evidence.seconds)),
    ...zendReasons(evidence, places, { suspect, kept }),
    ...(kept === null ? [] : keptReasons(kept)),
    ...historyReasons(evidence),
  ];
  return {
    kind: 'zend',
    module: isExplained(kept) ? kept.module : null,
    confidence: confidenceOf(because),
    text: `${whoText(evidence)} leaks in PHP code: ${growthSentence(evidence, places)}, in PHP's own heap, which the application fills and keeps.${keptSentence(evidence, kept)}`,
    because,
    remedy: isExplained(kept)
      ? keptRemedy(evidence, kept, about)
      : zendRemedy(evidence, about, growthOf(evidence.timeline).bytesPerMessage),
  };
};

/** Whether the memory is that of what is kept open. */
const isExplained = (kept: Kept | null): kept is Kept => kept !== null && kept.bytesEach !== null;

const keptSentence = (evidence: DiagnosisEvidence, kept: Kept | null): string => {
  if (kept === null) return '';
  const what = isExplained(kept) ? 'It opens' : 'Besides, it opens';
  return ` ${what} ${kept.thing} and does not close them: ${keptText(evidence, kept)}.`;
};
