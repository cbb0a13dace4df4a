/**
 * Heartbeats of one leg (specification 4.2.7): something is sent at least every half interval, and a peer that was silent for two
 * is lost. The gate keeps each leg alive by itself, so that a worker which computes for an hour keeps its broker connection.
 * Times are milliseconds; 0 seconds agreed means that this leg has no heartbeats.
 */
export class HeartbeatLeg {
  #intervalMs: number | null = null;
  #sentAt = 0;
  #receivedAt = 0;

  agree(seconds: number, now: number): void {
    this.#intervalMs = seconds === 0 ? null : seconds * 1_000;
    this.#sentAt = now;
    this.#receivedAt = now;
  }

  sent(now: number): void {
    this.#sentAt = now;
  }

  received(now: number): void {
    this.#receivedAt = now;
  }

  isDue(now: number): boolean {
    return this.#intervalMs !== null && now - this.#sentAt >= this.#intervalMs / 2;
  }

  isLost(now: number): boolean {
    return this.#intervalMs !== null && now - this.#receivedAt > this.#intervalMs * 2;
  }

  /** How often the questions above should be asked; null: never. */
  get periodMs(): number | null {
    return this.#intervalMs === null ? null : this.#intervalMs / 4;
  }
}
