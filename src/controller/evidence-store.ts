/** `dataDir/evidence`: one folder a bundle, the oldest removed when there are too many. 0700: command lines and paths are in it. */
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomicSync } from '../linux/atomic-write.ts';
import { makeFolder } from '../linux/make-folder.ts';
import type { TraceRow } from '../policy/replay.ts';
import { TRACE_FILE, traceText } from '../policy/trace-text.ts';

export const MOST_BUNDLES = 100;
export const MOST_BUNDLES_OF_A_WORKER = 10;
/** A bundle that is larger is not kept; a usual one has 60 KiB. */
export const MOST_BUNDLE_BYTES = 1024 * 1024;

/** The file of a bundle that tells all. */
export const DIAGNOSIS = 'diagnosis.json';

const NAME = /^\d{8}T\d{9}Z-(.+)-\d+$/;

export class EvidenceStore {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'evidence');
  }

  /**
   * A new folder for a bundle; what is too much already goes. Throws as mkdir(2) and write(2) do, and leaves nothing then.
   *
   * @param worker as `shop:0`; in the name it stands as `shop-0`
   * @param of `wall`: milliseconds since the epoch; `rows`: what was read of the worker over its life, which `ackwarden simulate FOLDER` replays
   */
  open(worker: string, { pid, wall, rows }: { pid: number; wall: number; rows: readonly TraceRow[] }): string {
    const path = join(this.#folder, `${stampOf(wall)}-${shown(worker)}-${pid}`);
    makeFolder(this.#folder, 0o700);
    this.#makeRoom(shown(worker));
    makeFolder(path, 0o700);
    try {
      if (rows.length > 0) writeAtomicSync(join(path, TRACE_FILE), traceText(rows));
    } catch (error) {
      this.drop(path);
      throw error;
    }
    return path;
  }

  /** Throws as write(2) does. */
  keep(path: string, diagnosis: string): void {
    writeAtomicSync(join(path, DIAGNOSIS), diagnosis);
    const picture = join(path, 'timeline.svg');
    if ((statSync(picture, { throwIfNoEntry: false })?.size ?? 0) > MOST_BUNDLE_BYTES) rmSync(picture);
  }

  /**
   * The newest bundle of this process that is written, begun at `since` or later (milliseconds since the epoch); null: none. One that is
   * still being written may be a second look, by the controller that came after.
   */
  find(worker: string, pid: number, since: number): { path: string; json: string } | null {
    const end = `-${shown(worker)}-${pid}`;
    const path = namesIn(this.#folder)
      .filter((each) => each.endsWith(end) && each.slice(0, STAMP) >= stampOf(since))
      .map((name) => join(this.#folder, name))
      .findLast(isWritten);
    return path === undefined ? null : { path, json: readFileSync(join(path, DIAGNOSIS), 'utf8') };
  }

  drop(path: string): void {
    rmSync(path, { recursive: true, force: true });
  }

  /** Names begin with their time: the first are the oldest. */
  #makeRoom(worker: string): void {
    const all = namesIn(this.#folder);
    const own = all.filter((name) => NAME.exec(name)?.[1] === worker);
    const many = [
      ...own.slice(0, Math.max(0, own.length - MOST_BUNDLES_OF_A_WORKER + 1)),
      ...all.slice(0, Math.max(0, all.length - MOST_BUNDLES + 1)),
    ];
    for (const name of new Set(many)) this.drop(join(this.#folder, name));
  }
}

const isWritten = (path: string): boolean => {
  const size = statSync(join(path, DIAGNOSIS), { throwIfNoEntry: false })?.size ?? 0;
  return size > 0 && size <= MOST_BUNDLE_BYTES;
};

/** As names of folders sort by time; `20261126T073738144Z`. */
const stampOf = (wall: number): string => new Date(wall).toISOString().replaceAll(/[-:.]/g, '');
const STAMP = stampOf(0).length;

const namesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => NAME.test(name))
        .toSorted()
    : [];

/** No separator, no dot at the beginning: a folder of ours and nothing else. */
const shown = (worker: string): string => worker.replaceAll(/[^A-Za-z0-9_]+/g, '-').slice(0, 100);
