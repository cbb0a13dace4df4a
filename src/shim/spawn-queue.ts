/** One spawn an event-loop turn: each blocks the loop for milliseconds, and everything else must get its turn in between. */
export class SpawnQueue {
  readonly #jobs: (() => void)[] = [];
  #armed = false;

  /** Run `job` in a turn of its own, after those added before. It must not throw. */
  add(job: () => void): void {
    this.#jobs.push(job);
    this.#arm();
  }

  #arm(): void {
    if (this.#armed || this.#jobs.length === 0) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      const job = this.#jobs.shift();
      this.#arm();
      job?.();
    });
  }
}
