/**
 * Which messages workers of one program died on. It outlives the gates that share it: a message that kills is seen by one worker after the
 * other. Bounded in number and in time. Times are milliseconds of one monotonic clock.
 */
import type { MessageIdentity } from './trace.ts';

const MAX_MESSAGES = 1_000;
const FORGET_MS = 24 * 3_600_000;

interface Entry {
  head: string;
  deaths: number;
  at: number;
}

export class PoisonTable {
  /** By fingerprint, the one that killed last at the end. */
  #entries = new Map<string, Entry>();
  #worksInOrder = true;

  /** False once a worker has acknowledged several messages at once, or another than its oldest: then nobody knows which one it works on. */
  get worksInOrder(): boolean {
    return this.#worksInOrder;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  sawOtherOrder(): void {
    this.#worksInOrder = false;
    this.#entries.clear();
  }

  /** A worker died while it worked on this message. Returns how many have. */
  died({ fingerprint, head }: MessageIdentity, now: number): number {
    const deaths = (this.#known(fingerprint, now)?.deaths ?? 0) + 1;
    this.#entries.delete(fingerprint);
    this.#entries.set(fingerprint, { head, deaths, at: now });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_MESSAGES && oldest !== undefined) this.#entries.delete(oldest);
    return deaths;
  }

  /** It was settled after all, or rejected: whoever died on it may have had other reasons. */
  forget(fingerprint: string): void {
    this.#entries.delete(fingerprint);
  }

  deathsOf(fingerprint: string, now: number): number {
    return this.#known(fingerprint, now)?.deaths ?? 0;
  }

  /** Whether so many workers died on a message that begins like this one. */
  mayHaveKilled(head: string, deaths: number): boolean {
    for (const entry of this.#entries.values()) if (entry.head === head && entry.deaths >= deaths) return true;
    return false;
  }

  #known(fingerprint: string, now: number): Entry | null {
    const entry = this.#entries.get(fingerprint);
    if (entry === undefined || now - entry.at > FORGET_MS) return null;
    return entry;
  }
}
