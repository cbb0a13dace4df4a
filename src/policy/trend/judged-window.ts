/** The newest floors of a tier, judged again and again: what they say counts once they have said it three times in a row. */
import type { Tier } from './tier.ts';
import { BUCKETS, judgeFloors } from './window.ts';
import type { Judgement } from './window.ts';

/** It is judged from this share of its length on. */
const FILLED = 0.6;
const CONFIRMATIONS = 3;
/** Judged again after this share of its span, within bounds. */
const AGAIN_SHARE = 1 / 12;
const AGAIN_MIN_MS = 1_000;
const AGAIN_MAX_MS = 30_000;
const MIN_SPAN_MS = 10_000;

export class JudgedWindow {
  readonly tier: Tier;
  readonly length: number;
  #judgedAt = -Infinity;
  #from = 0;
  #judgement: Judgement | null = null;
  /** Judgements in a row that said `growing`, or at least `climbing`. */
  #grew = 0;
  #climbed = 0;

  constructor(tier: Tier, length: number) {
    this.tier = tier;
    this.length = length;
  }

  /** Null before there is enough to judge. */
  get judgement(): Judgement | null {
    return this.#judgement;
  }

  /** Since when it has seen what it judges. */
  get from(): number {
    return this.#from;
  }

  /** Said three times in a row: `growing`, or with jumps among it `climbing`. */
  get confirmed(): 'growing' | 'climbing' | null {
    if (this.#climbed < CONFIRMATIONS) return null;
    return this.#grew >= CONFIRMATIONS ? 'growing' : 'climbing';
  }

  judge(at: number): void {
    const { floors } = this.tier;
    const count = Math.min(floors.length, this.length);
    const start = floors.length - count;
    if (count === 0 || count < this.length * FILLED) return;
    const span = at - floors.timeAt(start);
    const again = Math.min(AGAIN_MAX_MS, Math.max(AGAIN_MIN_MS, span * AGAIN_SHARE));
    if (span < MIN_SPAN_MS || at - this.#judgedAt < again) return;
    this.#judgedAt = at;
    // A fall within the first bucket is hidden by the bucket's own floor.
    this.#from = floors.timeAt(start + Math.min(count - 1, Math.ceil(count / BUCKETS)));
    this.#judgement = judgeFloors(floors, start);
    const shape = this.#judgement?.shape ?? 'flat';
    this.#grew = shape === 'growing' ? this.#grew + 1 : 0;
    this.#climbed = shape === 'growing' || shape === 'climbing' ? this.#climbed + 1 : 0;
  }

  /** What it said is explained. */
  withdraw(): void {
    this.#grew = 0;
    this.#climbed = 0;
  }
}
