/** From the evidence to what leaks, how sure, and what to do. Pure: the same evidence gives the same conclusion. */
import type { Conclusion, DiagnosisEvidence, HelperFacts } from '../types.ts';
import { bytes, duration } from '../words.ts';
import { descriptorLeak } from './descriptor-leak.ts';
import { keptOf } from './kept.ts';
import type { Kept } from './kept.ts';
import { nativeLeak, zendLeak } from './memory-leak.ts';
import { fitting, suspectOf } from './module.ts';
import { notLeaking, without } from './not-leaking.ts';
import type { Shape } from './not-leaking.ts';
import type { Places } from './places.ts';
import { placesOf } from './places.ts';
import { sharedGrowth } from './shared-growth.ts';
import { helperRemedy } from './remedy.ts';
import { cpuSentence, growthSentence, whoText } from './sentences.ts';
import { confidenceOf, growthReasons, historyReasons, say } from './weigh.ts';

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
  if (isShared(places)) return sharedGrowth(evidence, places);
  const suspect = suspectOf(evidence, places.ownBytes);
  const shape = shapeOf(places);
  const isSeen = places.zendBytes !== null || places.nativeBytes !== null;
  const kept = keptOf(evidence, shape === 'leak' ? places.ownBytes : 0, suspect);
  if (kept !== null && (shape !== 'leak' || !isSeen)) return descriptorLeak(evidence, places, kept);
  if (shape !== 'leak') return notLeaking(evidence, places, shape);
  if (!isSeen) return unseen(evidence, places);
  const leak = isNative(places, kept) ? nativeLeak : zendLeak;
  return leak(evidence, places, { suspect, kept });
};

/** The larger part; of what an extension keeps open a quarter: it is the extension's, though what it holds lies in PHP's own heap as well. */
const isNative = ({ nativeBytes, zendBytes, ownBytes }: Places, kept: Kept | null): boolean =>
  (nativeBytes ?? 0) > (zendBytes ?? 0) || (kept?.module != null && (nativeBytes ?? 0) >= ownBytes / 4);

const shapeOf = (places: Places): Shape | 'leak' => {
  if (places.ownBytes < MATERIAL_BYTES) return wentBack(places) ? 'sawtooth' : 'flat';
  if (isSawtooth(places)) return 'sawtooth';
  const halfRatio = places.own?.figures.halfRatio ?? null;
  return halfRatio !== null && halfRatio < SLOWING ? 'warmUp' : 'leak';
};

/** It goes up and neither comes down nor slows, and more than all that it has for itself. */
const isShared = ({ shared, sharedBytes, ownBytes }: Places): boolean => {
  if (shared === null || sharedBytes < MATERIAL_BYTES || sharedBytes < ownBytes) return false;
  const { tau, halfRatio } = shared.figures;
  return (shared.falls < 2 || tau >= STEADY_TAU) && (halfRatio === null || halfRatio >= SLOWING);
};

const wentBack = ({ own, zend: heap }: Places): boolean => (own?.falls ?? 0) > 0 || (heap?.falls ?? 0) > 0;

/** Two teeth at least, and the feet between them do not rise steadily: a leak below a saw is a leak. */
const isSawtooth = ({ zend: heap, own }: Places): boolean =>
  [heap, own].some((series) => series !== null && series.falls >= 2 && series.figures.tau < STEADY_TAU);

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
