const NEWLINE = 10;

/** One message as a line. */
export function encodeLine(message: object): string {
  return `${JSON.stringify(message)}\n`;
}

/** A peer sent a line longer than the bound, or one that is not JSON. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

/**
 * Cuts a byte stream into JSON values, one a line. Bounded: throws LineError as soon as a line without an end passes `maxBytes`; the
 * connection is then no longer usable, because its next line cannot be found.
 */
export class JsonLines {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #partBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The values completed by `chunk`, oldest first. Empty lines are skipped. */
  push(chunk: Buffer): unknown[] {
    const values: unknown[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      const text = Buffer.concat(this.#parts).toString('utf8');
      this.#parts = [];
      this.#partBytes = 0;
      if (text.trim() !== '') values.push(parse(text));
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return values;
  }

  #keep(part: Buffer): void {
    this.#partBytes += part.length;
    if (this.#partBytes > this.#maxBytes) {
      throw new LineError(`A line over ${this.#maxBytes} bytes was received: expected one JSON message a line.`);
    }
    this.#parts.push(part);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new LineError('A line that is not JSON was received: expected one JSON message a line.');
  }
}
