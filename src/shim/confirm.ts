import { monotonicMs } from '../linux/clock.ts';
import { nextCeiling } from './ceilings.ts';
import { readProportional } from './pss.ts';
import type { Proportional } from './pss.ts';
import { shimLog } from './shim-log.ts';
import type { Judged, TrackedWorker } from './tracked-worker.ts';

/** How long a confirmation by PSS that failed is believed while the upper bound has not grown by what was missing. */
const DOUBT_MS = 1000;

/**
 * Read a worker that crossed a ceiling once more, now, and give what is then judged (null: it is gone, or the crossing is known to be
 * pages counted twice). Alone it is read again in the same instant; with descendants, or by the metric `pss`, the sum of PSS decides,
 * which is read in the thread pool and so arrives a moment later.
 */
export function confirmCrossing(worker: TrackedWorker, now: number, confirmed: (judged: Judged | null) => void): void {
  const again = worker.readAgain();
  if (again === null || !again.isUpperBound) {
    confirmed(again);
    return;
  }
  const doubt = worker.doubtUntil;
  if (doubt !== null && again.bytes < doubt.bytes && now < doubt.at) {
    confirmed(null);
    return;
  }
  readProportional(worker.identities())
    .then((figure) => (figure === null ? worker.judgeWithoutPss() : byPss(worker, again, figure)))
    .then((judged) => noteDoubt(worker, again, judged))
    .then(confirmed)
    .catch((error: unknown) => {
      shimLog(`PSS of pid ${worker.main.identity.pid} could not be read: ${String(error)}`);
      confirmed(worker.judgeWithoutPss());
    });
}

function byPss(worker: TrackedWorker, again: Judged, figure: Proportional): Judged {
  if (worker.descendants.size === 0) worker.notePss(figure, monotonicMs());
  const memory = worker.ceilings.metric === 'anon' ? (figure.pssAnonBytes ?? figure.pssBytes) : figure.pssBytes;
  return { ...again, bytes: memory + (figure.swapPssBytes ?? again.swapBytes ?? 0), isUpperBound: false };
}

/** The upper bound counts `again - judged` too much; until it grows by what is missing to the ceiling, PSS need not be asked. */
function noteDoubt(worker: TrackedWorker, again: Judged, judged: Judged): Judged {
  const next = nextCeiling(judged.bytes, worker.ceilings);
  if (next === null) return judged;
  worker.doubtUntil = { bytes: again.bytes + (next - judged.bytes), at: monotonicMs() + DOUBT_MS };
  return judged;
}
