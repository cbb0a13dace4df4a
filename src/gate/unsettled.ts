/**
 * Delivery tags with the time each came, in ascending order: what a channel was handed and has not settled. A broker numbers its
 * deliveries, and most workers settle them in that order, so adding at the end and taking from the front are what must cost nothing:
 * two rows of numbers, no object for a message. What is taken out of turn leaves a hole, which goes when room is needed.
 */
const LEAST = 16;
/** Rows longer than this are not kept for a channel that holds nothing. */
const MOST_KEPT = 4_096;
const HOLE = Number.NaN;

export class Unsettled {
  #tags = new Float64Array(LEAST);
  /** A hole has no time. */
  #times = new Float64Array(LEAST);
  /** The part in use; neither its first nor its last place is a hole. */
  #from = 0;
  #to = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The lowest tag; null when there is none. */
  get first(): number | null {
    return this.#size === 0 ? null : (this.#tags[this.#from] ?? null);
  }

  get last(): number | null {
    return this.#size === 0 ? null : (this.#tags[this.#to - 1] ?? null);
  }

  /** When the lowest came. */
  get firstAt(): number | null {
    return this.#size === 0 ? null : (this.#times[this.#from] ?? null);
  }

  has(tag: number): boolean {
    return this.#find(tag) !== null;
  }

  /** A tag that is there already keeps its place, and gets this time. */
  add(tag: number, at: number): void {
    const { last } = this;
    if (last !== null && tag <= last) this.giveBack([[tag, at]]);
    else this.#append(tag, at);
  }

  /** Tags that were taken are here again, lower than others perhaps. */
  giveBack(back: Iterable<[tag: number, at: number]>): void {
    const all = [...new Map([...this.#entries(), ...back])].toSorted(([a], [b]) => a - b);
    this.clear();
    for (const [tag, at] of all) this.#append(tag, at);
  }

  /** Take a tag out. Returns when it came; null when it is not there. */
  take(tag: number): number | null {
    const place = this.#find(tag);
    if (place === null) return null;
    const at = this.#times[place] ?? null;
    this.#times[place] = HOLE;
    this.#size -= 1;
    if (this.#size === 0) this.clear();
    else this.#trim();
    return at;
  }

  clear(): void {
    this.#from = 0;
    this.#to = 0;
    this.#size = 0;
    if (this.#tags.length > MOST_KEPT) this.#move(LEAST);
  }

  #append(tag: number, at: number): void {
    if (this.#to === this.#tags.length) this.#makeRoom();
    this.#tags[this.#to] = tag;
    this.#times[this.#to] = at;
    this.#to += 1;
    this.#size += 1;
  }

  *#entries(): Iterable<[tag: number, at: number]> {
    for (let place = this.#from; place < this.#to; place += 1) {
      if (!this.#isHole(place)) yield [this.#tags[place] ?? 0, this.#times[place] ?? 0];
    }
  }

  #find(tag: number): number | null {
    let [low, high] = [this.#from, this.#to - 1];
    if (this.#size > 0 && this.#tags[low] === tag) return low;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#tags[middle] ?? 0;
      if (found === tag) return this.#isHole(middle) ? null : middle;
      if (found < tag) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  #isHole(place: number): boolean {
    return Number.isNaN(this.#times[place]);
  }

  #trim(): void {
    while (this.#isHole(this.#from)) this.#from += 1;
    while (this.#isHole(this.#to - 1)) this.#to -= 1;
  }

  /** Half of the room is free afterwards, so that this happens seldom. */
  #makeRoom(): void {
    let length = this.#tags.length;
    while (length < 2 * this.#size) length *= 2;
    this.#move(length);
  }

  #move(length: number): void {
    const [tags, times] = [this.#tags, this.#times];
    if (length !== tags.length) {
      this.#tags = new Float64Array(length);
      this.#times = new Float64Array(length);
    }
    let to = 0;
    for (let place = this.#from; place < this.#to; place += 1) {
      const at = times[place] ?? HOLE;
      if (Number.isNaN(at)) continue;
      this.#tags[to] = tags[place] ?? 0;
      this.#times[to] = at;
      to += 1;
    }
    this.#from = 0;
    this.#to = to;
  }
}
