const ZERO = 48;
const NINE = 57;
const MINUS = 45;

/** Reads decimal numbers out of a /proc text without making strings: the sampler does this a few hundred times a second. */
export class AsciiReader {
  #buffer: Buffer;
  #end: number;
  #at: number;

  constructor(buffer: Buffer, length: number, start = 0) {
    this.#buffer = buffer;
    this.#end = length;
    this.#at = start;
  }

  /** Reuse the reader for another text. */
  reset(buffer: Buffer, length: number, start: number): void {
    this.#buffer = buffer;
    this.#end = length;
    this.#at = start;
  }

  /** The next number, skipping whatever is not a digit before it; null at the end of the text. */
  number(): number | null {
    let byte = this.#skipToDigit();
    if (byte === undefined) return null;
    const negative = this.#at > 0 && this.#buffer[this.#at - 1] === MINUS;
    let value = 0;
    while (byte !== undefined && byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      this.#at += 1;
      byte = this.#at < this.#end ? this.#buffer[this.#at] : undefined;
    }
    return negative ? -value : value;
  }

  /** Step over `count` numbers. */
  skip(count: number): void {
    for (let index = 0; index < count; index += 1) this.number();
  }

  #skipToDigit(): number | undefined {
    while (this.#at < this.#end) {
      const byte = this.#buffer[this.#at];
      if (byte !== undefined && byte >= ZERO && byte <= NINE) return byte;
      this.#at += 1;
    }
    return undefined;
  }
}
