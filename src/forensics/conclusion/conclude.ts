/** From the evidence to what leaks, how sure, and what to do. Pure: the same evidence gives the same conclusion. */
import { isUnconfirmed } from '../advisory-match.ts';
import { growthOf } from '../figures.ts';
import type { Conclusion, DiagnosisEvidence, HelperFacts } from '../types.ts';
import { bytes, duration } from '../words.ts';
import { fitting, suspectOf } from './module.ts';
import { notLeaking, without } from './not-leaking.ts';
import type { Places } from './places.ts';
import { placesOf } from './places.ts';
import { helperRemedy, nativeRemedy, zendRemedy } from './remedy.ts';
import { cpuSentence, growthSentence, whoText } from './sentences.ts';
import { confidenceOf, growthReasons, historyReasons, nativeReasons, say, suspectText, zendReasons } from './weigh.ts';

const MIB = 1024 * 1024;
/** Below this nothing is said to grow: an allocator's own movements are as large. */
const MATERIAL_BYTES = MIB;
/** A warm-up: the second half grew by less than this share of the first. */
const SLOWING = 0.35;
/** Kendall's tau from which floors count as rising. */
const STEADY_TAU = 0.6;

export const conclude = (evidence: DiagnosisEvidence): Conclusion => {
  const early = without(evidence);
  if (early !== null) return early;
  const places = placesOf(evidence);
  if (places.own === null) return notLeaking(evidence, places, 'tooFew');
  if (places.helperBytes >= MATERIAL_BYTES && places.helperBytes > places.ownBytes) return helper(evidence, places);
  if (places.ownBytes < MATERIAL_BYTES) return notLeaking(evidence, places, wentBack(places) ? 'sawtooth' : 'flat');
  if (isSawtooth(places)) return notLeaking(evidence, places, 'sawtooth');
  const { halfRatio } = places.own.figures;
  if (halfRatio !== null && halfRatio < SLOWING) return notLeaking(evidence, places, 'warmUp');
  if (places.zendBytes === null && places.nativeBytes === null) return unseen(evidence, places);
  return (places.nativeBytes ?? 0) > (places.zendBytes ?? 0) ? native(evidence, places) : zend(evidence, places);
};

const wentBack = ({ own, zend: heap }: Places): boolean => (own?.falls ?? 0) > 0 || (heap?.falls ?? 0) > 0;

/** Two teeth at least, and the feet between them do not rise steadily: a leak below a saw is a leak. */
const isSawtooth = ({ zend: heap, own }: Places): boolean =>
  [heap, own].some((series) => series !== null && series.falls >= 2 && series.figures.tau < STEADY_TAU);

const native = (evidence: DiagnosisEvidence, places: Places): Conclusion => {
  const grown = places.nativeBytes ?? 0;
  const suspect = suspectOf(evidence, grown);
  const known = fitting(evidence, 'native');
  const about = suspect === null ? known : known.filter(({ advisory }) => advisory.extension === suspect.module);
  // Without perf, a loaded version that is known to leak is the best guess.
  const [hint = null] = about.filter(({ version }) => version !== null).map(({ advisory }) => advisory);
  const guess = hint?.extension ?? null;
  const blamed = suspect ?? (guess === null ? null : { module: guess, isExtension: true, library: null, share: null });
  const because = [
    ...(places.own === null ? [] : growthReasons(places.own, places.ownBytes, evidence.seconds)),
    ...nativeReasons(evidence, places, suspect),
    ...(hint === null
      ? []
      : [
          say(
            suspect === null || isUnconfirmed(hint) ? 0 : 0.1,
            `this version of ${hint.extension} is ${isUnconfirmed(hint) ? 'said' : 'known'} to leak: ${hint.symptom}`,
          ),
        ]),
    ...historyReasons(evidence),
  ];
  const who =
    blamed === null
      ? 'which extension or library it is, is not known'
      : suspect === null
        ? `the loaded ${blamed.module} is known for that, and is the first to look at`
        : `${suspectText(suspect)} is the one that takes it`;
  return {
    kind: 'native',
    module: blamed?.module ?? null,
    confidence: confidenceOf(because),
    text: `${whoText(evidence)} leaks native memory: ${growthSentence(evidence, places)}, outside PHP's own heap; ${who}.`,
    because,
    remedy: nativeRemedy(evidence, blamed, about),
  };
};

const zend = (evidence: DiagnosisEvidence, places: Places): Conclusion => {
  const series = places.zend ?? places.own;
  const about = fitting(evidence, 'zend');
  const because = [
    ...(series === null ? [] : growthReasons(series, places.zendBytes ?? 0, evidence.seconds)),
    ...zendReasons(evidence, places),
    ...historyReasons(evidence),
  ];
  return {
    kind: 'zend',
    module: null,
    confidence: confidenceOf(because),
    text: `${whoText(evidence)} leaks in PHP code: ${growthSentence(evidence, places)}, in PHP's own heap, which the application fills and keeps.`,
    because,
    remedy: zendRemedy(evidence, about, growthOf(evidence.timeline).bytesPerMessage),
  };
};

const helper = (evidence: DiagnosisEvidence, places: Places): Conclusion => {
  const [largest] = evidence.helpers;
  const name = largest?.name ?? 'a helper process';
  const about = fitting(evidence, 'helper').filter(({ advisory }) => isItsHelper(advisory.helper, largest));
  const because = [
    ...(places.helper === null ? [] : growthReasons(places.helper, places.helperBytes, evidence.seconds)),
    places.ownBytes < MATERIAL_BYTES
      ? say(0.15, 'the worker itself is flat')
      : say(-0.1, `the worker itself grew as well, by ${bytes(places.ownBytes)}`),
    ...(about[0] === undefined ? [] : [say(0.15, `this helper is known to leak: ${about[0].advisory.symptom}`)]),
    ...historyReasons(evidence).filter(({ weight }) => weight > 0),
  ];
  const rate = `${bytes(places.helperBytes)} in ${duration(evidence.seconds)}`;
  return {
    kind: 'helper',
    module: name,
    confidence: confidenceOf(because),
    text: `Not ${whoText(evidence)} itself leaks but a process that it started: ${name}${largest === undefined ? '' : ` (pid ${largest.pid})`} and its like grew by ${rate}.`,
    because,
    remedy: helperRemedy(evidence, name, about),
  };
};

const isItsHelper = (helperName: string | null, found: HelperFacts | undefined): boolean =>
  helperName !== null &&
  found !== undefined &&
  (found.command.includes(helperName) || helperName.startsWith(found.name));

/** It grows, and neither the heap nor the mappings may be read. */
const unseen = (evidence: DiagnosisEvidence, places: Places): Conclusion => {
  const why = evidence.memory.zendWhy ?? evidence.memory.why ?? 'its memory may not be read';
  const because = [
    ...(places.own === null ? [] : growthReasons(places.own, places.ownBytes, evidence.seconds)),
    say(-0.3, `where it grows cannot be told: ${why}`),
  ];
  return {
    kind: 'unknown',
    module: null,
    confidence: Math.min(0.3, confidenceOf(because)),
    text: `${whoText(evidence)} grows: ${growthSentence(evidence, places)}; whether PHP code or an extension takes it is not known, because ${why}.${cpuSentence(evidence)}`,
    because,
    remedy: ['run diagnose as root, which may read the memory of every process'],
  };
};
