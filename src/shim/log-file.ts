/**
 * One log file of any number of writers. One asynchronous write is in flight at a time; the event loop never waits for a disk.
 *
 * While the disk takes what comes, a writer that is faster than the disk is slowed down by its FIFO, as if it wrote to the file
 * itself (`push` answers false, `onRoom` says when to go on). When the disk refuses or hangs, no worker waits: BUFFER_BYTES are kept,
 * then whole lines are dropped and counted.
 */
import { close, writev } from 'node:fs';
import { promisify } from 'node:util';
import { rotateFiles } from '../linux/rotate.ts';
import type { Block } from './line-assembler.ts';
import { LogDrops } from './log-drops.ts';
import { openLog, reason } from './log-open.ts';
import type { OpenedLog } from './log-open.ts';
import { LogQueue } from './log-queue.ts';
import type { Writer } from './log-queue.ts';
import type { LogTarget } from './protocol.ts';

const writeAll = promisify(writev);
const closeAsync = promisify(close);

export const BUFFER_BYTES = 1024 * 1024;
const RETRY_MS = 500;
/** A write that takes longer is a disk that hangs. */
const HUNG_MS = 2000;
const REPORT_EVERY_MS = 60_000;
const ROTATE_AGAIN_MS = 60_000;

export interface LogTrouble {
  path: string;
  text: string;
  droppedLines: number;
}

type Health = { kind: 'fine' } | { kind: 'hung' } | { kind: 'refused'; text: string };

export class LogFile {
  readonly path: string;
  readonly #report: (trouble: LogTrouble) => void;
  readonly #queue = new LogQueue();
  readonly #drops = new LogDrops();
  readonly #notice: Writer = {};
  #target: LogTarget;
  #file: OpenedLog;
  #health: Health = { kind: 'fine' };
  #pumping: Promise<void> | null = null;
  #reopen = false;
  #roomListeners: (() => void)[] = [];
  #idleListeners: (() => void)[] = [];
  #retry: NodeJS.Timeout | null = null;
  #reportedAt = -Infinity;
  /** A rotation that failed is not tried again before this time. */
  #rotateAgainAt = -Infinity;

  /** Throws a sentence when the file cannot be opened. */
  constructor(target: LogTarget, report: (trouble: LogTrouble) => void) {
    this.path = target.path;
    this.#target = target;
    this.#report = report;
    this.#file = openLog(target.path);
  }

  /** Size and number of backups as the newest incarnation has them. */
  configure(target: LogTarget): void {
    this.#target = target;
  }

  /** Queue a block. False: the writer should pause until onRoom. */
  push(writer: Writer, block: Block): boolean {
    const kept = this.#admit(writer, block);
    if (kept !== null) this.#queue.push(writer, kept);
    this.#start();
    return this.#health.kind !== 'fine' || this.#queue.bytes < BUFFER_BYTES;
  }

  /** The writer writes no more. */
  release(writer: Writer): void {
    this.#queue.release(writer);
    this.#start();
  }

  /** Call `listener` once there is room, or no reason to wait for it. */
  onRoom(listener: () => void): void {
    this.#roomListeners.push(listener);
  }

  /** Continue in a new file of the same name (after an external rotation). */
  reopen(): void {
    this.#reopen = true;
    this.#start();
  }

  /** Write what is queued; resolves when it is written or the disk refuses. */
  async flush(): Promise<void> {
    this.#start();
    while (this.#pumping !== null) await this.#pumping;
  }

  /** Call `listener` once everything is written, however long the disk refuses. */
  whenSettled(listener: () => void): void {
    if (this.#isIdle) listener();
    else this.#idleListeners.push(listener);
  }

  /** Write what can be written, then close. The object is of no use afterwards. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#tellDrops('The log was closed with lines unwritten.');
    await closeAsync(this.#file.descriptor);
  }

  get #isIdle(): boolean {
    return this.#pumping === null && this.#queue.isEmpty && !this.#reopen;
  }

  #admit(writer: Writer, block: Block): Block | null {
    if (this.#health.kind === 'fine') return this.#drops.keep(writer, block);
    if (this.#drops.unwritten > 0 || this.#queue.bytes + block.bytes.length > BUFFER_BYTES) {
      this.#drops.drop(writer, block);
      this.#queue.breakLine(writer);
      return null;
    }
    return this.#drops.keep(writer, block);
  }

  #start(): void {
    if (this.#pumping !== null || this.#retry !== null) return;
    if (this.#queue.isEmpty && !this.#reopen) return;
    this.#pumping = this.#pump().finally(() => {
      this.#pumping = null;
      this.#tellRoom();
      if (this.#isIdle) this.#tellIdle();
      else this.#start();
    });
  }

  async #pump(): Promise<void> {
    const hung = setTimeout(() => this.#hang(), HUNG_MS);
    try {
      while (!this.#queue.isEmpty || this.#reopen) {
        await this.#writeOnce();
        hung.refresh();
        this.#recover();
        if (this.#queue.bytes < BUFFER_BYTES / 2) this.#tellRoom();
      }
    } catch (error) {
      this.#refuse(error);
    } finally {
      clearTimeout(hung);
    }
  }

  async #writeOnce(): Promise<void> {
    if (this.#reopen) {
      await this.#replaceFile();
      this.#reopen = false;
    }
    const { maxSizeBytes } = this.#target;
    const limited = maxSizeBytes > 0 && performance.now() >= this.#rotateAgainAt;
    const room = limited ? maxSizeBytes - this.#file.bytes : Infinity;
    const batch = this.#queue.take(room, this.#file.bytes === 0 || !limited);
    if (batch === null) await this.#rotate();
    else if (batch.length > 0) await this.#write(batch);
  }

  async #write(batch: Buffer[]): Promise<void> {
    const bytes = batch.reduce((sum, part) => sum + part.length, 0);
    let written = 0;
    try {
      ({ bytesWritten: written } = await writeAll(this.#file.descriptor, batch));
    } finally {
      this.#file.bytes += written;
      if (written < bytes) this.#queue.putBack(Buffer.concat(batch).subarray(written));
    }
  }

  async #rotate(): Promise<void> {
    try {
      await rotateFiles(this.path, this.#target.backups);
    } catch (error) {
      // Better a file that is too long than lines that are lost.
      this.#rotateAgainAt = performance.now() + ROTATE_AGAIN_MS;
      this.#tell(`The log ${this.path} cannot be rotated (${reason(error)}); it grows past its maxSize.`);
      return;
    }
    // Not here: if the new file cannot be opened yet, the next try must not move the backups once more.
    this.#reopen = true;
  }

  async #replaceFile(): Promise<void> {
    const next = openLog(this.path);
    const { descriptor } = this.#file;
    this.#file = next;
    await closeAsync(descriptor);
  }

  #hang(): void {
    if (this.#health.kind !== 'fine') return;
    this.#health = { kind: 'hung' };
    this.#tell(
      `The log ${this.path} has not taken a write for ${HUNG_MS / 1000} s; lines are dropped when its buffer is full.`,
    );
    this.#tellRoom();
  }

  #refuse(error: unknown): void {
    const text = `The log ${this.path} cannot be written: ${reason(error)}. Lines are dropped when its buffer is full.`;
    if (this.#health.kind !== 'refused') this.#tell(text);
    else if (performance.now() - this.#reportedAt > REPORT_EVERY_MS) this.#tellDrops(text);
    this.#health = { kind: 'refused', text };
    this.#tellRoom();
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#start();
    }, RETRY_MS);
  }

  #recover(): void {
    if (this.#health.kind === 'fine' || !this.#queue.isEmpty) return;
    this.#health = { kind: 'fine' };
    const notice = this.#drops.takeNotice();
    if (notice !== null) this.#queue.push(this.#notice, { bytes: notice, end: 'line' });
    this.#tell(`The log ${this.path} can be written again.`);
  }

  #tellDrops(text: string): void {
    if (this.#drops.untold > 0) this.#tell(text);
  }

  #tell(text: string): void {
    this.#reportedAt = performance.now();
    this.#report({ path: this.path, text, droppedLines: this.#drops.takeUntold() });
  }

  #tellRoom(): void {
    if (this.#health.kind === 'fine' && this.#queue.bytes >= BUFFER_BYTES / 2) return;
    const listeners = this.#roomListeners;
    this.#roomListeners = [];
    for (const listener of listeners) listener();
  }

  #tellIdle(): void {
    const listeners = this.#idleListeners;
    this.#idleListeners = [];
    for (const listener of listeners) listener();
  }
}
