/**
 * One log file of any number of writers. One asynchronous write is in flight at a time; the event loop never waits for a disk.
 *
 * While the disk takes what comes, a writer that is faster than the disk is slowed down by its FIFO, as if it wrote to the file
 * itself (`push` answers false, `onRoom` says when to go on). When the disk refuses or hangs, no worker waits: BUFFER_BYTES are kept,
 * then whole lines are dropped and counted.
 */
import { close, ftruncate, writev } from 'node:fs';
import { promisify } from 'node:util';
import type { Block } from './line-assembler.ts';
import { LogDrops } from './log-drops.ts';
import { ownLine } from './log-format.ts';
import { nextMidnight } from './local-time.ts';
import { openLog, reason } from './log-open.ts';
import type { LogTrouble, OpenedLog } from './log-open.ts';
import { LogQueue } from './log-queue.ts';
import type { Writer } from './log-queue.ts';
import { LogRotation } from './log-rotation.ts';
import type { LogTools } from './log-rotation.ts';
import { isStillAt, sharedSize } from './log-sharing.ts';
import type { LogSharing } from './log-sharing.ts';
import type { LogLimits, LogTarget } from './spawn-spec.ts';

const writeAll = promisify(writev);
const closeAsync = promisify(close);
const truncateAsync = promisify(ftruncate);

export const BUFFER_BYTES = 1024 * 1024;
const RETRY_MS = 500;
/** A write that takes longer is a disk that hangs. */
const HUNG_MS = 2000;
const REPORT_EVERY_MS = 60_000;

type Health = { kind: 'fine' } | { kind: 'hung' } | { kind: 'refused'; text: string };

export class LogFile {
  readonly path: string;
  sharing: LogSharing = 'alone';
  readonly #report: (trouble: LogTrouble) => void;
  readonly #queue = new LogQueue();
  readonly #drops = new LogDrops();
  readonly #notice: Writer = {};
  readonly #rotation: LogRotation;
  #format: LogTarget['format'];
  #file: OpenedLog;
  #health: Health = { kind: 'fine' };
  #pumping: Promise<void> | null = null;
  #reopen = false;
  /** Called when the file was emptied; somebody waits. */
  #clearing: (() => void)[] = [];
  #roomListeners: (() => void)[] = [];
  #idleListeners: (() => void)[] = [];
  #retry: NodeJS.Timeout | null = null;
  #reportedAt = -Infinity;

  /** Throws a sentence when the file cannot be opened. */
  constructor(target: LogTarget, report: (trouble: LogTrouble) => void, tools: LogTools) {
    this.path = target.path;
    this.#rotation = new LogRotation(target.path, target, tools);
    this.#format = target.format;
    this.#report = report;
    this.#file = openLog(target.path);
  }

  /** As the newest incarnation has it. */
  configure(target: LogTarget): void {
    this.#rotation.limits = target;
    this.#format = target.format;
  }

  /** From the next write on. */
  setLimits(limits: LogLimits): void {
    this.#rotation.limits = limits;
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

  /** Empty the file; what is not written yet comes after. Resolves when that is done, however long the disk hangs. */
  clear(): Promise<void> {
    return new Promise((settle) => {
      this.#clearing.push(settle);
      this.#start();
    });
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
    return this.#pumping === null && !this.#hasWork;
  }

  get #hasWork(): boolean {
    return !this.#queue.isEmpty || this.#reopen || this.#clearing.length > 0;
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
    if (!this.#hasWork) return;
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
      while (this.#hasWork) {
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
    if (this.sharing === 'follows' && !(await isStillAt(this.path, this.#file.descriptor))) await this.#replaceFile();
    if (this.#clearing.length > 0) await this.#empty();
    const rotates = this.sharing !== 'follows';
    const room = rotates ? this.#rotation.room(this.#file) : Infinity;
    const isDue = rotates && !this.#queue.isEmpty && this.#rotation.isDayOver(this.#file);
    const batch = isDue ? null : this.#queue.take(room, this.#file.bytes === 0 || room === Infinity);
    if (batch === null) await this.#rotate();
    else if (batch.length > 0) await this.#write(batch);
  }

  async #write(batch: Buffer[]): Promise<void> {
    const bytes = batch.reduce((sum, part) => sum + part.length, 0);
    let written = 0;
    if (this.#file.bytes === 0) this.#file.dayEnds = nextMidnight(Date.now());
    try {
      ({ bytesWritten: written } = await writeAll(this.#file.descriptor, batch));
    } finally {
      this.#file.bytes += written;
      if (this.sharing !== 'alone') written = await this.#measureShared(written);
      if (written < bytes) this.#queue.putBack(Buffer.concat(batch).subarray(written));
    }
  }

  /** What counts as written: nothing, if the other shim has removed the file meanwhile. */
  async #measureShared(written: number): Promise<number> {
    const size = await sharedSize(this.#file.descriptor);
    if (size !== null) this.#file.bytes = size;
    else this.#reopen = true;
    return size === null ? 0 : written;
  }

  async #rotate(): Promise<void> {
    try {
      // Not opened here: if that cannot be done yet, the next try must not move the backups once more.
      this.#reopen = await this.#rotation.rotate(this.#file);
    } catch (error) {
      // Better a file that is too long than lines that are lost.
      this.#tell(`The log ${this.path} cannot be rotated (${reason(error)}); it grows on.`);
    }
  }

  async #empty(): Promise<void> {
    const waiting = this.#clearing;
    if (!this.#file.isDevice) await truncateAsync(this.#file.descriptor, 0);
    this.#file.bytes = 0;
    this.#clearing = this.#clearing.slice(waiting.length);
    for (const settle of waiting) settle();
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
    if (notice !== null) this.#queue.push(this.#notice, { bytes: ownLine(notice, this.#format), end: 'line' });
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
