/** What becomes of each message, from what the workers write down (test/fixtures/gate/work.php), read as it grows. */
import { closeSync, openSync, readSync } from 'node:fs';

export class Tally {
  readonly #path: string;
  readonly #done = new Set<string>();
  #readTo = 0;
  #rest = '';
  /** Done more than once. */
  twice = 0;
  /** Ids that came with the redelivered flag. */
  readonly redelivered: number[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  get done(): number {
    return this.#done.size;
  }

  /** What has been written since the last time. */
  read(): void {
    const file = openSync(this.#path, 'a+');
    try {
      const chunk = Buffer.alloc(1024 * 1024);
      for (let size = -1; size !== 0;) {
        size = readSync(file, chunk, 0, chunk.length, this.#readTo);
        this.#readTo += size;
        this.#take(chunk.toString('latin1', 0, size));
      }
    } finally {
      closeSync(file);
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [verb, id = '', flag] = line.split(' ');
      if (verb === 'start') {
        if (flag === 'again') this.redelivered.push(Number(id));
      } else if (this.#done.has(id)) this.twice += 1;
      else this.#done.add(id);
    }
  }
}
