/**
 * Times and bytes, oldest first, at most as many as it may keep: a thousand workers have several of these each, so it holds plain
 * numbers, and takes what it needs as it fills.
 */
const FIRST_ROOM = 16;
/** Beyond what is kept, so that old ones are moved out rarely. */
const SPARE = 40;

export class Floors {
  readonly #most: number;
  #times = new Float64Array(FIRST_ROOM);
  #bytes = new Float64Array(FIRST_ROOM);
  #start = 0;
  #end = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Milliseconds; NaN where there is none. */
  timeAt(index: number): number {
    return this.#times[this.#start + index] ?? Number.NaN;
  }

  bytesAt(index: number): number {
    return this.#bytes[this.#start + index] ?? Number.NaN;
  }

  /** Of those from `from` on, before `to`; Infinity of none. */
  lowest(from: number, to: number): number {
    const bytes = this.#bytes;
    let lowest = Infinity;
    for (let index = this.#start + from; index < this.#start + to; index += 1)
      lowest = Math.min(lowest, bytes[index] ?? Infinity);
    return lowest;
  }

  /** Whether those from `from` on lie less than `bytes` apart. */
  liesWithin(bytes: number, from: number): boolean {
    let [lowest, highest] = [Infinity, -Infinity];
    for (let index = this.#start + from; index < this.#end; index += 1) {
      const here = this.#bytes[index] ?? Number.NaN;
      if (here < lowest) lowest = here;
      if (here > highest) highest = here;
      if (highest - lowest >= bytes) return false;
    }
    return true;
  }

  push(time: number, bytes: number): void {
    if (this.#end === this.#times.length) this.#makeRoom();
    this.#times[this.#end] = time;
    this.#bytes[this.#end] = bytes;
    this.#end += 1;
    if (this.length > this.#most) this.#start += 1;
  }

  #makeRoom(): void {
    const room = Math.min(this.#most + SPARE, 2 * this.#times.length);
    const [times, bytes] = [new Float64Array(room), new Float64Array(room)];
    times.set(this.#times.subarray(this.#start, this.#end));
    bytes.set(this.#bytes.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#times = times;
    this.#bytes = bytes;
  }
}
