/**
 * What a line looks like in the log: with a time and the worker's name in front of it, or as a JSON object. Lines that are to stay as
 * they were printed need no format at all.
 */
import type { Block } from './line-assembler.ts';
import { localTime } from './local-time.ts';
import type { LogStyle } from './spawn-spec.ts';

const NEWLINE = 10;
const NEWLINE_BYTES = Buffer.from('\n');

/** Whose lines they are. */
export interface LineSource {
  worker: string;
  program: string;
  /** `stdout` also for both streams in one. */
  stream: 'stdout' | 'stderr';
  /** Null: not started yet. */
  pid: () => number | null;
}

export interface LineFormat {
  /** `wall`: milliseconds since the epoch. */
  format(block: Block, wall: number): Block[];
  /** The unfinished line is not waited for any longer; with `isLast`, the stream has ended. */
  giveUp(isLast: boolean, wall: number): Block[];
}

/** Null: lines stay as they are. */
export function formatOf(style: LogStyle, source: LineSource): LineFormat | null {
  if (style.format === 'json') return new JsonFormat(source);
  if (!style.timestamps && !style.prefix) return null;
  return new PrefixFormat(style, source.worker);
}

/** A line of our own in a log of this format. */
export function ownLine(text: string, format: LogStyle['format']): Buffer {
  if (format === 'text') return Buffer.from(`${text}\n`);
  const nobody = { worker: null, program: null, stream: null, pid: null };
  return Buffer.from(`${JSON.stringify({ time: new Date().toISOString(), ...nobody, line: text })}\n`);
}

/** Every line of the file begins with the prefix: what is printed after a line was given up begins a line of its own. */
class PrefixFormat implements LineFormat {
  readonly #timestamps: boolean;
  readonly #name: string;
  #isInLine = false;

  constructor(style: LogStyle, worker: string) {
    this.#timestamps = style.timestamps;
    this.#name = style.prefix ? `${worker} | ` : '';
  }

  format({ bytes, end }: Block, wall: number): Block[] {
    const prefix = Buffer.from(this.#timestamps ? `${localTime(wall)} ${this.#name}` : this.#name);
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, at);
      const next = newline < 0 ? bytes.length : newline + 1;
      if (!this.#isInLine) parts.push(prefix);
      parts.push(bytes.subarray(at, next));
      this.#isInLine = newline < 0;
      at = next;
    }
    if (end !== 'partial') return [{ bytes: Buffer.concat(parts), end }];
    this.#isInLine = false;
    return [{ bytes: Buffer.concat([...parts, NEWLINE_BYTES]), end: 'line' }];
  }

  giveUp(): Block[] {
    if (!this.#isInLine) return [];
    this.#isInLine = false;
    return [{ bytes: NEWLINE_BYTES, end: 'line' }];
  }
}

/**
 * One object a line. Text that is not UTF-8 gets U+FFFD in its place. A line that is passed on in parts (it is very long, or stopped in
 * the middle) gives an object for each part, those without the line's end marked `partial`.
 */
class JsonFormat implements LineFormat {
  readonly #source: LineSource;
  readonly #names: string;
  // It keeps the beginning of a character that a part ends in; a byte order mark is text like any other.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(source: LineSource) {
    this.#source = source;
    const { worker, program, stream } = source;
    this.#names = JSON.stringify({ worker, program, stream }).slice(1, -1);
  }

  format({ bytes, end }: Block, wall: number): Block[] {
    return this.#objects(this.#decoder.decode(bytes, { stream: true }), end === 'line', wall);
  }

  giveUp(isLast: boolean, wall: number): Block[] {
    return isLast ? this.#objects(this.#decoder.decode(), false, wall) : [];
  }

  #objects(text: string, isWhole: boolean, wall: number): Block[] {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    const head = `{"time":"${new Date(wall).toISOString()}",${this.#names},"pid":${this.#source.pid() ?? 'null'},"line":`;
    let objects = lines.map((line) => `${head}${JSON.stringify(line)}}\n`).join('');
    if (!isWhole && rest !== '') objects += `${head}${JSON.stringify(rest)},"partial":true}\n`;
    return objects === '' ? [] : [{ bytes: Buffer.from(objects), end: 'line' }];
  }
}
