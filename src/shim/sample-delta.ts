/**
 * What a controller has been told already, so that a tick carries only what is new: of a hundred idle workers, nothing. It halves what
 * both processes spend on samples.
 */
import type { GateFigures, Sample } from './protocol.ts';
import type { SamplesMessage } from './samples-message.ts';
import { encodeGate, encodeRow } from './samples.ts';

type Row = (number | null)[];

interface Told {
  rssBytes: number;
  row: Row | null;
  gate: Row | null;
  zendWhy: string | null;
}

interface FullReading {
  sample: Sample;
  /** Null where the heap is known. */
  zendWhy: string | null;
}

export class SampleDelta {
  readonly #told = new Map<number, Told>();

  /** Add one reading to a message; `full` is the whole sample where it was read in full, and why its Zend heap is not in it. */
  add(message: SamplesMessage, handle: number, rssBytes: number, full: FullReading | null): void {
    const known = this.#told.get(handle);
    const told = known ?? { rssBytes, row: null, gate: null, zendWhy: null };
    if (known === undefined) this.#told.set(handle, told);
    if (known?.rssBytes !== rssBytes) message.fast.push(handle, rssBytes);
    told.rssBytes = rssBytes;
    if (full === null) return;
    addRow(message, told, encodeRow(handle, full.sample));
    if (told.zendWhy === full.zendWhy) return;
    told.zendWhy = full.zendWhy;
    message.zendWhy?.push([handle, full.zendWhy]);
  }

  /** It was read in full and has not moved since. False: it was not told in full yet. */
  addSame(message: SamplesMessage, handle: number): boolean {
    if (this.#told.get(handle)?.row == null) return false;
    message.slowSame?.push(handle);
    return true;
  }

  /** What its gate has counted; after `add`, so that a worker is known before its gate is. */
  addGate(message: SamplesMessage, handle: number, figures: GateFigures | null): void {
    const told = this.#told.get(handle);
    if (told === undefined || figures === null) return;
    const row = encodeGate(handle, figures);
    if (told.gate !== null && isSame(told.gate, row)) return;
    told.gate = row;
    message.gates?.push(row);
  }

  /** The worker is gone: its handle may come back as another one's. */
  forget(handle: number): void {
    this.#told.delete(handle);
  }

  /** A new controller, or a message that was not sent: the next tick tells everything. */
  reset(): void {
    this.#told.clear();
  }
}

const addRow = (message: SamplesMessage, told: Told, row: Row): void => {
  if (told.row !== null && isSame(told.row, row)) {
    message.slowSame?.push(row[0] ?? 0);
    return;
  }
  told.row = row;
  message.slow.push(row);
};

const isSame = (before: Row, after: Row): boolean => {
  for (let index = 0; index < after.length; index += 1) if (before[index] !== after[index]) return false;
  return true;
};
