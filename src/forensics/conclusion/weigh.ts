/** Reasons to believe that it leaks there, and reasons to doubt it: each with its weight. Pure. */
import { bytes, duration, percent } from '../words.ts';
import type { Because, DiagnosisEvidence } from '../types.ts';
import type { Series } from '../figures.ts';
import type { Found, Kept } from './kept.ts';
import type { Suspect } from './module.ts';
import { isPhpItself } from './module.ts';
import type { Places } from './places.ts';

const MIB = 1024 * 1024;
const LEAST = 0.05;
const MOST = 0.98;
const UNDECIDED = 0.5;
const YOUNG_SECONDS = 60;
/** A garbage collector's cycle may be longer than a window like this. */
const SHORT_SECONDS = 30;
/** Resident memory below its own peak by this much: it has been here before. */
const BELOW_PEAK_BYTES = 4 * MIB;

export const confidenceOf = (reasons: readonly Because[]): number => {
  const sum = reasons.reduce((all, { weight }) => all + weight, UNDECIDED);
  return Math.round(100 * Math.min(MOST, Math.max(LEAST, sum))) / 100;
};

export const say = (weight: number, text: string): Because => ({ text, weight });

/** How steadily and how much. */
export const growthReasons = (series: Series, grownBytes: number, seconds: number): Because[] => {
  const { tau, halfRatio, risingShare } = series.figures;
  const steady =
    tau >= 0.8
      ? say(0.1, 'it grew steadily through the window')
      : risingShare < 0.5
        ? say(-0.15, 'it grew in jumps, not steadily')
        : say(0, 'it grew, not quite steadily');
  const much =
    grownBytes >= 8 * MIB ? say(0.1, `${bytes(grownBytes)} in ${duration(seconds)} is far above the noise`) : null;
  const little =
    grownBytes < 2 * MIB
      ? say(-0.1, `${bytes(grownBytes)} is little; a longer window (--seconds) would say more`)
      : null;
  const slower = halfRatio !== null && halfRatio < 0.6 ? say(-0.1, 'it grew slower towards the end') : null;
  const gave = series.falls > 0 ? say(-0.15, 'most of a climb was given back meanwhile') : null;
  return [steady, much, little, slower, gave].filter((reason) => reason !== null);
};

export const ageReasons = ({ process }: DiagnosisEvidence): Because[] => {
  const age = process.ageSeconds ?? Number.POSITIVE_INFINITY;
  return age < YOUNG_SECONDS ? [say(-0.2, `it is ${duration(age)} old and may still be loading itself`)] : [];
};

/** What is known of the process besides this window. */
export const historyReasons = (evidence: DiagnosisEvidence): Because[] => {
  const { managed, memory, timeline } = evidence;
  const rss = timeline.at(-1)?.rssBytes ?? null;
  const { peakRssBytes } = memory;
  const been =
    rss !== null && peakRssBytes !== null && peakRssBytes - rss >= BELOW_PEAK_BYTES
      ? say(-0.2, `it has held ${bytes(peakRssBytes)} before, more than the ${bytes(rss)} of now: it gives memory back`)
      : null;
  const trends: Record<string, Because | null> = {
    leaking: say(0.15, 'the controller, which has watched it for longer, calls it leaking'),
    flat: say(-0.25, 'the controller, which has watched it for longer, calls it flat'),
    sawtooth: say(-0.3, 'the controller, which has watched it for longer, has seen it give its memory back'),
    warmingUp: say(-0.1, 'the controller says that it is still warming up'),
    unknown: null,
  };
  const told = [been, managed === null ? null : (trends[managed.trend] ?? null)];
  return [...ageReasons(evidence), ...told.filter((reason) => reason !== null)];
};

/** Whether the growth lies in one place alone. What is kept open has a part in each. */
const shareReason = (share: number, where: string, { kept }: Found): Because => {
  if (share >= 0.85) return say(0.15, `${percent(Math.min(1, share))} of the growth is ${where}`);
  if (kept !== null && kept.bytesEach !== null)
    return say(0, `${percent(share)} of the growth is ${where}; ${kept.thing} take memory in both places`);
  return say(share >= 0.65 ? 0 : -0.15, `only ${percent(share)} of the growth is ${where}`);
};

export const nativeReasons = (evidence: DiagnosisEvidence, places: Places, found: Found): Because[] => {
  const { suspect } = found;
  const share = (places.nativeBytes ?? 0) / Math.max(1, places.ownBytes);
  const where = shareReason(share, "outside PHP's own heap, where memory_get_usage() does not see it", found);
  const heap =
    places.zendBytes === null ? say(-0.15, "PHP's own heap cannot be read, so only the mappings tell") : null;
  return [where, heap, perfReason(evidence, suspect)].filter((reason) => reason !== null);
};

export const suspectText = ({ module, isExtension, library }: Suspect): string => {
  if (!isExtension) return module;
  return library === null ? `the extension ${module}` : `${library}, called by the extension ${module},`;
};

const perfReason = ({ faults, process }: DiagnosisEvidence, suspect: Suspect | null): Because | null => {
  if (suspect?.share != null && suspect.share >= 0.5) {
    const who = suspectText(suspect);
    return say(0.15, `perf: ${who} touched ${percent(suspect.share)} of the new pages that PHP itself did not`);
  }
  if (suspect !== null) return say(0, `perf: several libraries touch new pages, ${suspect.module} most of them`);
  if (faults.why !== null) return null;
  const own = faults.objects.filter((each) => isPhpItself(each, process.executable));
  const share = own.reduce((sum, each) => sum + each.share, 0);
  return share < 0.5
    ? null
    : say(-0.15, `perf: PHP itself touched ${percent(share)} of the new pages, no extension of its own file`);
};

export const zendReasons = (evidence: DiagnosisEvidence, places: Places, found: Found): Because[] => {
  const share = (places.zendBytes ?? 0) / Math.max(1, places.ownBytes);
  const where = shareReason(share, "in PHP's own heap", found);
  const short =
    evidence.seconds < SHORT_SECONDS
      ? say(
          -0.1,
          `${duration(evidence.seconds)} may be less than one round of the garbage collector; --seconds 60 would tell`,
        )
      : null;
  return [where, short, touchedReason(evidence, share)].filter((reason) => reason !== null);
};

/** An extension that touches what grows in PHP's own heap makes objects there, which the code keeps; else it speaks against PHP code. */
const touchedReason = ({ faults, process }: DiagnosisEvidence, zendShare: number): Because | null => {
  const other = faults.objects.find((each) => !isPhpItself(each, process.executable));
  if (other === undefined || other.share < 0.6) return null;
  const touched = `perf: ${other.object} touched ${percent(other.share)} of the new pages`;
  return zendShare >= 0.85
    ? say(0.05, `${touched}: what PHP keeps are objects of it`)
    : say(-0.1, `${touched}, which speaks against PHP code`);
};

export const keptReasons = ({ thing, halfClosed, on, bytesEach }: Kept): Because[] => [
  say(
    bytesEach === null ? 0.1 : 0.2,
    `it opens ${thing} all the time and does not close them${on === '' ? '' : `: ${on}`}`,
  ),
  ...(halfClosed === 0
    ? []
    : [say(0.05, `${halfClosed} of them were closed by the other side: nobody uses them any more`)]),
];
