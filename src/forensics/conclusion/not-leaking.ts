/** The answers that are no leak: nothing grows, it grows as it should, or it could not be seen. Pure. */
import type { Because, Conclusion, DiagnosisEvidence } from '../types.ts';
import { isPhp } from '../command-line.ts';
import { bytes, duration } from '../words.ts';
import type { Places } from './places.ts';
import { heldOf, isIdle, rememberedRemedy } from './standing.ts';
import { cpuSentence, whoText } from './sentences.ts';
import { confidenceOf, say } from './weigh.ts';

const MIB = 1024 * 1024;
const LONG_SECONDS = 60;
/** What a slow leak must grow by to be seen. */
const SEEN_BYTES = 4 * MIB;
const MOST_SECONDS = 600;

const none = (kind: Conclusion['kind'], text: string, confidence = 0): Conclusion => ({
  kind,
  module: null,
  confidence,
  text,
  because: [],
  remedy: [],
});

/** What can be said without any figure; null: go on. */
export const without = (evidence: DiagnosisEvidence): Conclusion | null => {
  const { process, survived, seconds, askedSeconds, timeline } = evidence;
  if (timeline.length === 0) return none('unknown', `${whoText(evidence)} ended before it could be read.`);
  if (!process.isPhp)
    return {
      ...none(
        'unknown',
        `${whoText(evidence)} is not a PHP process: how it shares out its memory is not known.${grewText(evidence)}${cpuSentence(evidence)}`,
      ),
      remedy: lookAtPhp(evidence),
    };
  if (!survived && seconds < askedSeconds / 4)
    return none(
      'unknown',
      `${whoText(evidence)} ended after ${duration(seconds)} of looking: too short to say anything.`,
    );
  return null;
};

/** Whoever started PHP (a shell, timeout, su) is easily taken for it. */
const lookAtPhp = ({ helpers }: DiagnosisEvidence): string[] =>
  helpers
    .filter(({ name }) => isPhp(name, [], []))
    .slice(0, 1)
    .map(({ pid, command }) => `look at the PHP that it has started (${command}): ackwarden diagnose --pid ${pid}`);

const grewText = ({ timeline, seconds }: DiagnosisEvidence): string => {
  const [first, last] = [timeline[0], timeline.at(-1)];
  if (first?.anonBytes == null || last?.anonBytes == null) return '';
  const grown = last.anonBytes - first.anonBytes;
  return grown < MIB
    ? ` It did not grow in ${duration(seconds)}.`
    : ` It grew ${bytes(grown)} in ${duration(seconds)}.`;
};

export type Shape = 'flat' | 'sawtooth' | 'warmUp' | 'tooFew';

export const notLeaking = (evidence: DiagnosisEvidence, places: Places, shape: Shape): Conclusion => {
  switch (shape) {
    case 'tooFew':
      return none(
        'unknown',
        `${whoText(evidence)} was seen for ${duration(evidence.seconds)} only: too short to say anything.`,
      );
    case 'sawtooth':
      return sawtooth(evidence, places);
    case 'warmUp':
      return warmUp(evidence, places);
    case 'flat':
      return flat(evidence, places);
  }
};

const trendReasons = ({ managed }: DiagnosisEvidence): Because[] => {
  if (managed === null || managed.trend === 'unknown') return [];
  if (managed.trend === 'leaking')
    return [say(-0.35, 'the controller, which has watched it for longer, calls it leaking')];
  return [say(0.2, 'the controller, which has watched it for longer, sees no leak either')];
};

const sawtooth = (evidence: DiagnosisEvidence, { zend, own }: Places): Conclusion => {
  const falls = Math.max(zend?.falls ?? 0, own?.falls ?? 0);
  const because = [
    say(falls >= 2 ? 0.25 : 0.1, `most of a climb was given back ${falls} times`),
    ...trendReasons(evidence),
  ];
  return {
    ...none(
      'growth-normal',
      `${whoText(evidence)} does not leak: its memory goes up and comes down again, as PHP's garbage collector or batches of work make it.${cpuSentence(evidence)}`,
    ),
    confidence: confidenceOf(because),
    because,
    remedy: ['set memory.soft above the tops of its saw, or call gc_collect_cycles() after each message to lower them'],
  };
};

const warmUp = (evidence: DiagnosisEvidence, places: Places): Conclusion => {
  const because = [
    say(0.1, 'it grew slower and slower in the window'),
    ...((evidence.process.ageSeconds ?? Infinity) < 300
      ? [say(0.1, 'it is young')]
      : [say(-0.1, 'it is not young any more')]),
    ...trendReasons(evidence),
  ];
  return {
    ...none(
      'growth-normal',
      `${whoText(evidence)} grew ${bytes(places.ownBytes)} in ${duration(evidence.seconds)}, slower and slower: it fills its caches or loads its code.${cpuSentence(evidence)}`,
    ),
    confidence: confidenceOf(because),
    because,
    remedy: ['look again in a few minutes: what has stopped growing by then was a warm-up'],
  };
};

/** What came in and is not its own memory. */
const mappedText = ({ fileBytes, sharedBytes }: Places): string => {
  const texts = [
    ...(fileBytes >= MIB
      ? [`${bytes(fileBytes)} of files came in, which the kernel takes back when it needs them`]
      : []),
    ...(sharedBytes >= MIB ? [`${bytes(sharedBytes)} of shared memory came in, but not steadily`] : []),
  ];
  return texts.length === 0 ? '' : ` (${texts.join('; ')})`;
};

const flat = (evidence: DiagnosisEvidence, places: Places): Conclusion => {
  const { managed, seconds } = evidence;
  const rate = managed?.growthBytesPerMinute ?? null;
  if (managed?.trend === 'leaking') {
    const needed =
      rate === null || rate <= 0 ? MOST_SECONDS : Math.min(MOST_SECONDS, Math.ceil((SEEN_BYTES / rate) * 60));
    return {
      ...none(
        'unknown',
        `${whoText(evidence)} did not grow in these ${duration(seconds)}, but over its life the controller calls it leaking${rate === null ? '' : `, by ${bytes(rate)} a minute`}: too slow for this window.`,
        0.3,
      ),
      remedy: [`ackwarden diagnose ${managed.worker} --seconds ${Math.max(60, needed)}`],
    };
  }
  const mapped = mappedText(places);
  const idle = isIdle(evidence);
  const held = heldOf(evidence);
  const because = [
    say(
      seconds >= LONG_SECONDS ? 0.25 : 0.15,
      `its own memory changed by less than ${bytes(MIB)} in ${duration(seconds)}`,
    ),
    ...(seconds < LONG_SECONDS ? [say(-0.05, 'a slow leak would not show in so short a window')] : []),
    ...(idle ? [say(-0.1, 'it hardly worked meanwhile: what leaks with each message would not show')] : []),
    ...(held === null ? [] : [say(-0.1, 'how it became that large can only be seen while it grows')]),
    ...trendReasons(evidence),
  ];
  return {
    ...none(
      'none',
      `Nothing ${idle || held !== null ? 'grows' : 'leaks'} in ${whoText(evidence)}: its memory did not grow in ${duration(seconds)}${idle ? ', in which it hardly worked' : ''}${mapped}.${held ?? ''}${cpuSentence(evidence)}`,
    ),
    confidence: confidenceOf(because),
    because,
    remedy: held === null ? [] : rememberedRemedy(evidence),
  };
};
