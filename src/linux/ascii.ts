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
    // In locals: a field that changes with every byte is written to memory with every byte.
    const buffer = this.#buffer;
    const end = this.#end;
    let at = this.#at;
    while (at < end && !isDigit(buffer[at])) at += 1;
    const begins = at;
    let value = 0;
    for (let byte = buffer[at]; at < end && isDigit(byte); byte = buffer[at]) {
      value = value * 10 + (byte - ZERO);
      at += 1;
    }
    this.#at = at;
    if (at === begins) return null;
    return begins > 0 && buffer[begins - 1] === MINUS ? -value : value;
  }

  /** Step over `count` numbers. */
  skip(count: number): void {
    for (let index = 0; index < count; index += 1) this.number();
  }
}

const isDigit = (byte: number | undefined): byte is number => byte !== undefined && byte >= ZERO && byte <= NINE;
