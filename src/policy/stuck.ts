/** A worker that holds a message for too long. Pure. Each such message is told once: its delivery time names it. */

/** What is known of a worker at an instant. */
export interface HeldReading {
  at: number;
  /** When the oldest message that it holds was delivered; null: it holds none, or nobody sees. */
  oldestAt: number | null;
  /** CPU time so far, with descendants, in hundredths of a second. */
  ticks: number | null;
}

export interface StuckFigures {
  ageMs: number;
  /** CPU time used since it has that message, or since it was first seen with it; null: not known. */
  cpuMs: number | null;
}

const MS_PER_TICK = 10;

export class StuckEpisode {
  #message: { oldestAt: number; ticksBefore: number | null } | null = null;

  /** One more reading; the figures while the oldest message is older than that, else null. */
  add({ at, oldestAt, ticks }: HeldReading, inFlightMs: number): StuckFigures | null {
    if (oldestAt === null) {
      this.#message = null;
      return null;
    }
    if (this.#message?.oldestAt !== oldestAt) this.#message = { oldestAt, ticksBefore: ticks };
    const ageMs = Math.round(at - oldestAt);
    if (ageMs < inFlightMs) return null;
    const { ticksBefore } = this.#message;
    return { ageMs, cpuMs: ticks === null || ticksBefore === null ? null : (ticks - ticksBefore) * MS_PER_TICK };
  }
}
