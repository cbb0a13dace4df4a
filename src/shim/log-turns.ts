/** One at a time for each path: what renames the rotated files of a log must not meet another that does. */
export class LogTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Run `work` once everything asked for earlier on this path is over, however that ended. */
  async run<T>(path: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(path) ?? Promise.resolve();
    const mine = before.then(work, work);
    const over = mine.catch(() => undefined);
    this.#last.set(path, over);
    try {
      return await mine;
    } finally {
      if (this.#last.get(path) === over) this.#last.delete(path);
    }
  }
}
