/**
 * Evidence on a worker that leaks, is stuck, or is about to be replaced for its memory: `diagnose` on the living process, beside
 * whatever else happens to it and never in its way. Bounded: one at a time for each worker, two in all, a short queue behind them.
 */
import { dirname, join } from 'node:path';
import type { Config } from '../config/types.ts';
import { findIncarnation, workerNameOf } from '../core/find.ts';
import type { CoreState, Effect, Evidence as Figures } from '../core/types.ts';
import { startDiagnose } from './diagnose-process.ts';
import type { DiagnoseOrder, DiagnoseProcess } from './diagnose-process.ts';
import { EvidenceStore } from './evidence-store.ts';
import type { TraceRow } from '../policy/replay.ts';
import type { Scribe } from './scribe.ts';

const AT_ONCE = 2;
const MOST_WAITING = 8;
/** A worker that is being replaced may be gone soon; one that leaks or is stuck has time. */
const SECONDS = { leaving: 6, staying: 10 };

/** Why evidence is taken, for the journal. */
export interface EvidenceReason {
  /** Rule of the entry that leads here, e.g. `memory.soft`, `growth.leaking`, `stuck.inFlight`. */
  rule: string;
  /** That entry. */
  cause: string | null;
}

export interface EvidenceParts {
  config: () => Config;
  core: () => CoreState;
  scribe: Scribe;
  /** What was read of an incarnation over its life; empty where nothing was. */
  trace: (incarnation: string) => readonly TraceRow[];
  /** dist/shim.cjs: the executable lies beside it. */
  shimScript: string;
  /** For tests. */
  start?: (order: DiagnoseOrder) => DiagnoseProcess;
}

interface Taking {
  /** Of the journal, each concluded with what is found: a process that is looked into already is not looked into anew. */
  entries: string[];
  incarnation: string;
  pid: number;
  seconds: number;
}

/** The rules whose recycles are for memory. */
const MEMORY_RULES = new Set(['memory.soft', 'memory.hard', 'memory.growth']);

export class EvidenceTaker {
  readonly #parts: EvidenceParts;
  /** By worker. */
  readonly #running = new Map<string, { child: DiagnoseProcess; taking: Taking }>();
  readonly #waiting: Taking[] = [];
  /** By incarnation, what was concluded last and is worth telling again: of the process that ends now there may be nothing left to see. */
  readonly #known = new Map<string, Figures>();
  #over = false;

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  /** Look at this incarnation. Returns at once; the journal tells what is found. Nothing happens where it has no process. */
  take(incarnation: string, { rule, cause }: EvidenceReason): void {
    const { core, scribe } = this.#parts;
    const place = findIncarnation(core(), incarnation);
    if (this.#over || place === null || place.incarnation.pid === null) return;
    const { pid } = place.incarnation;
    const entry = scribe.sayOfIncarnation(incarnation, core(), {
      action: 'diagnose',
      rule: 'diagnose.begun',
      cause,
      evidence: { because: rule },
    });
    const seconds = MEMORY_RULES.has(rule) ? SECONDS.leaving : SECONDS.staying;
    const under = [...this.#running.values()].map(({ taking }) => taking).concat(this.#waiting);
    const same = under.find((taking) => taking.incarnation === incarnation);
    if (same !== undefined) {
      same.entries.push(entry);
      return;
    }
    const taking: Taking = { entries: [entry], incarnation, pid, seconds };
    if (this.#waiting.length >= MOST_WAITING) this.#fail(taking, 'too many others are being looked at');
    else this.#waiting.push(taking);
    this.#next();
  }

  /** After a step of the core: evidence on each worker that it replaces for its memory. */
  onStep(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'journal') continue;
      const { action, rule, worker, incarnation, id } = effect.entry;
      if (action !== 'recycle' || !MEMORY_RULES.has(rule) || worker === null || incarnation === null) continue;
      this.take(`${worker}#${incarnation}`, { rule, cause: id });
    }
  }

  /** Of a controller that ends: what runs tells what it has to nobody. */
  close(): void {
    this.#over = true;
    this.#waiting.length = 0;
    for (const { child } of this.#running.values()) child.stop();
  }

  #next(): void {
    if (this.#running.size >= AT_ONCE) return;
    const at = this.#waiting.findIndex(({ incarnation }) => !this.#running.has(workerNameOf(incarnation)));
    const [taking] = at === -1 ? [] : this.#waiting.splice(at, 1);
    if (taking === undefined) return;
    if (findIncarnation(this.#parts.core(), taking.incarnation) === null)
      this.#fail(taking, 'it ended before its turn came');
    else this.#begin(taking);
    this.#next();
  }

  #begin(taking: Taking): void {
    const { config, trace, shimScript, start = startDiagnose } = this.#parts;
    // Now: once it is gone nobody knows it any more.
    const rows = trace(taking.incarnation);
    const { dataDir, socket, advisories } = config();
    const worker = workerNameOf(taking.incarnation);
    const store = new EvidenceStore(dataDir);
    let folder: string;
    try {
      folder = store.open(worker, { pid: taking.pid, wall: Date.now(), rows });
    } catch (error) {
      this.#fail(taking, (error as Error).message);
      return;
    }
    const { pid, seconds } = taking;
    const script = join(dirname(shimScript), 'main.js');
    const child = start({ script, pid, seconds, folder, socketPath: socket.path, advisories });
    this.#running.set(worker, { child, taking });
    void child.result.then((result) => {
      this.#running.delete(worker);
      if (!this.#over) this.#finish(taking, result, { store, folder, hasTrace: rows.length > 0 });
      this.#next();
    });
  }

  #finish(
    taking: Taking,
    result: { json: string } | { why: string },
    { store, folder, hasTrace }: { store: EvidenceStore; folder: string; hasTrace: boolean },
  ): void {
    const found = 'why' in result ? result : conclusionOf(result.json);
    if ('why' in found || 'why' in result) {
      if (!hasTrace) store.drop(folder);
      this.#fail(taking, 'why' in found ? found.why : 'it told nothing', hasTrace ? folder : null);
      return;
    }
    const earlier = found.figures['kind'] === 'unknown' ? this.#earlier(taking.incarnation) : {};
    try {
      store.keep(folder, result.json);
      const evidence = { ...found.figures, path: folder, ...earlier };
      for (const of of taking.entries) this.#parts.scribe.conclude({ of, ok: true, rule: 'diagnosed', evidence });
      if (found.figures['kind'] !== 'unknown') this.#remember(taking.incarnation, { ...found.figures, path: folder });
    } catch (error) {
      this.#fail(taking, `the bundle cannot be written: ${(error as Error).message}`);
    }
  }

  #remember(incarnation: string, figures: Figures): void {
    for (const known of this.#known.keys())
      if (findIncarnation(this.#parts.core(), known) === null) this.#known.delete(known);
    this.#known.set(incarnation, figures);
  }

  /** What was concluded of the same process before; nothing where nothing was. */
  #earlier(incarnation: string): Figures {
    const known = this.#known.get(incarnation);
    return known === undefined ? {} : { earlier: known['text'] ?? null, earlierPath: known['path'] ?? null };
  }

  /** @param path of what there is all the same: the series that was read of it */
  #fail(taking: Taking, text: string, path: string | null = null): void {
    const evidence = { text, path, ...this.#earlier(taking.incarnation) };
    for (const of of taking.entries) this.#parts.scribe.conclude({ of, ok: false, rule: 'notDiagnosed', evidence });
  }
}

/** Of what our own executable printed. */
export const conclusionOf = (json: string): { figures: Figures } | { why: string } => {
  try {
    const { conclusion } = JSON.parse(json) as {
      conclusion?: { kind?: string; module?: string | null; confidence?: number; text?: string };
    };
    if (typeof conclusion?.text !== 'string') return { why: 'it came to no conclusion' };
    const { kind = 'unknown', module = null, confidence = 0, text } = conclusion;
    return { figures: { kind, module, confidence, text } };
  } catch (error) {
    return { why: `what it told cannot be read: ${(error as Error).message}` };
  }
};
