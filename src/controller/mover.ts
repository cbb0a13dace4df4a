/** Asks for the recycles that move workers out of older shims. Whether and when each is granted is the core's part. */
import { findIncarnation } from '../core/find.ts';
import type { CoreState, EventBody } from '../core/types.ts';
import type { OlderShim } from './shims.ts';

/** A recycle that was given up (its replacement failed) is asked for again so much later. */
const ASK_AGAIN_MS = 60_000;

export class Mover {
  #asked = new Map<string, number>();

  /** A shim answered: what was given up when another was lost is asked for at once. */
  forget(): void {
    this.#asked.clear();
  }

  /** The findings to post now. */
  ask(core: CoreState, older: readonly OlderShim[], now: number): EventBody[] {
    const asked = new Map<string, number>();
    const findings: EventBody[] = [];
    for (const { incarnations, pid, version } of older) {
      for (const incarnation of incarnations) {
        const last = this.#asked.get(incarnation);
        if (last !== undefined) asked.set(incarnation, last);
        if (!canBeAsked(core, incarnation) || (last !== undefined && now - last < ASK_AGAIN_MS)) continue;
        asked.set(incarnation, now);
        findings.push({ type: 'findings', incarnation, rule: 'shim.outdated', evidence: { shimPid: pid, version } });
      }
    }
    this.#asked = asked;
    return findings;
  }
}

const canBeAsked = (core: CoreState, incarnation: string): boolean => {
  const place = findIncarnation(core, incarnation);
  if (place?.role !== 'current') return false;
  const { life, pending, recycle } = place.worker;
  return life.state === 'RUNNING' && pending === null && recycle === null;
};
