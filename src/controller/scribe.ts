/** From the core's drafts to journal entries in words, and what each worker did last. */
import type { JournalEntry, JournalAction } from '../api/types.ts';
import { findIncarnation, numberOf, openEntryOf, workerNameOf } from '../core/find.ts';
import type { CoreState, EntryDraft, Evidence, Outcome } from '../core/types.ts';
import type { FactBody, GateTrouble } from '../shim/protocol.ts';
import { monotonicMs } from '../linux/clock.ts';
import type { HostSaying } from './host-guard.ts';
import type { Journal } from './journal.ts';
import { entryText, outcomeText } from './sentences.ts';

/** A draft of the core, or an entry of our own: the journal knows more actions than the core has. */
type Draft = Omit<EntryDraft, 'action'> & { action: JournalAction };

const GATE_ACTIONS: Record<GateTrouble, JournalAction> = {
  stuckDrain: 'stuck',
  resumed: 'quiesce',
  deaf: 'deaf',
  starved: 'warn',
  poison: 'poison',
  notGated: 'bypassed',
  bypassed: 'bypassed',
  refused: 'refused',
  unreachable: 'broker',
};

/** The keys of workers.yaml that some of these entries follow from. */
const GATE_KEYS: Partial<Record<GateTrouble, string>> = { starved: 'amqp.prefetch', poison: 'amqp.poison.deaths' };

export class Scribe {
  readonly #journal: Journal;
  readonly #configFile: string;
  readonly #last = new Map<string, string>();
  /** When an open entry was written, for `tookMs`. */
  readonly #openedAt = new Map<string, number>();
  readonly #prefix: string;
  #next = 1;

  constructor(journal: Journal, configFile: string, prefix: string) {
    this.#journal = journal;
    this.#configFile = configFile;
    this.#prefix = prefix;
    for (const { id, worker } of journal.entries()) if (worker !== null) this.#last.set(worker, id);
  }

  write(draft: Draft): void {
    const entry: JournalEntry = {
      id: draft.id,
      time: new Date().toISOString(),
      action: draft.action,
      worker: draft.worker,
      program: draft.program,
      pid: draft.pid,
      incarnation: draft.incarnation,
      cause: draft.cause,
      reason: {
        rule: draft.rule,
        text: entryText(draft, { configFile: this.#configFile }),
        evidence: draft.evidence,
        policy:
          draft.policy === null ? null : { key: draft.policy.key, file: this.#configFile, line: draft.policy.line },
      },
      outcome: null,
    };
    this.#openedAt.set(draft.id, monotonicMs());
    if (this.#openedAt.size > 10_000) this.#forgetOldest();
    if (draft.worker !== null) this.#last.set(draft.worker, draft.id);
    this.#journal.append(entry);
  }

  conclude(outcome: Outcome): void {
    const tookMs = this.#tookMs(outcome.of);
    this.#openedAt.delete(outcome.of);
    this.#journal.conclude({
      of: outcome.of,
      outcome: {
        ok: outcome.ok,
        text: outcomeText(outcome),
        time: new Date().toISOString(),
        tookMs,
        evidence: outcome.evidence,
      },
    });
  }

  /** Something the controller itself has to say, outside of the core. Returns the entry's id. */
  say(
    action: JournalAction,
    rule: string,
    evidence: Evidence = {},
    worker: { name: string; program: string } | null = null,
  ): string {
    return this.#sayOf(action, { rule, evidence, worker, policy: null });
  }

  /** What is done for the host, or not done, and why. Returns the entry's id. */
  sayOfHost(said: HostSaying): string {
    return this.#sayOf('hostPressure', said);
  }

  #sayOf(action: JournalAction, { rule, evidence, worker, policy }: HostSaying): string {
    const id = `${this.#prefix}-c${this.#next++}`;
    this.write({
      id,
      action,
      worker: worker?.name ?? null,
      program: worker?.program ?? null,
      pid: null,
      incarnation: null,
      cause: null,
      rule,
      evidence,
      text: null,
      policy,
    });
    return id;
  }

  /** What a gate saw that a person may have to know; `resumed` and the like follow the stop that they belong to. */
  sayOfGate(fact: Extract<FactBody, { kind: 'gate' }>, core: CoreState): void {
    const name = workerNameOf(fact.incarnation);
    const program = core.workers[name]?.program ?? null;
    if (fact.what === 'unreachable' && isBrokerAway(core, program)) return;
    const place = findIncarnation(core, fact.incarnation);
    this.write({
      id: `${this.#prefix}-c${this.#next++}`,
      action: GATE_ACTIONS[fact.what],
      worker: name,
      program,
      pid: place?.incarnation.pid ?? null,
      incarnation: numberOf(fact.incarnation),
      cause: place === null ? null : (openEntryOf(place) ?? place.incarnation.entry),
      rule: `gate.${fact.what}`,
      evidence: { reason: fact.reason, text: fact.text, inFlight: fact.inFlight, ...fact.figures },
      text: null,
      policy: core.programs[program ?? '']?.origins[GATE_KEYS[fact.what] ?? ''] ?? null,
    });
  }

  /** Something that the controller does about one process. Returns the entry's id. */
  sayOfIncarnation(
    incarnation: string,
    core: CoreState,
    { key, ...said }: { action: JournalAction; rule: string; cause: string | null; evidence: Evidence; key?: string },
  ): string {
    const name = workerNameOf(incarnation);
    const program = core.workers[name]?.program ?? null;
    const id = `${this.#prefix}-c${this.#next++}`;
    this.write({
      id,
      ...said,
      worker: name,
      program,
      pid: findIncarnation(core, incarnation)?.incarnation.pid ?? null,
      incarnation: numberOf(incarnation),
      text: null,
      policy: core.programs[program ?? '']?.origins[key ?? ''] ?? null,
    });
    return id;
  }

  /** A hook has ended. */
  sayOfHook(fact: Extract<FactBody, { kind: 'hook' }>, core: CoreState): void {
    const { hook, ok, text, tookMs, incarnation } = fact;
    const place = findIncarnation(core, incarnation);
    const name = workerNameOf(incarnation);
    const program = core.workers[name]?.program ?? null;
    this.write({
      id: `${this.#prefix}-c${this.#next++}`,
      action: 'hook',
      worker: name,
      program,
      pid: place?.incarnation.pid ?? null,
      incarnation: numberOf(incarnation),
      cause: place === null ? null : (openEntryOf(place) ?? place.incarnation.entry),
      rule: ok ? 'hook.done' : 'hook.failed',
      evidence: { hook, text, tookMs },
      text: null,
      policy: core.programs[program ?? '']?.origins[`hooks.${hook}`] ?? null,
    });
  }

  /** Whether the journal, as far as it is remembered, says this of a worker since then (milliseconds since the epoch). */
  hasSaid(rule: string, worker: string, since: number): boolean {
    return this.#journal
      .entries()
      .some((entry) => entry.worker === worker && entry.reason.rule === rule && Date.parse(entry.time) >= since);
  }

  lastOf(worker: string): JournalEntry | null {
    const id = this.#last.get(worker);
    return id === undefined ? null : this.#journal.entry(id);
  }

  /** An entry of an earlier controller has only the wall clock to go by; null for one that is not remembered at all. */
  #tookMs(id: string): number | null {
    const opened = this.#openedAt.get(id);
    if (opened !== undefined) return Math.round(monotonicMs() - opened);
    const entry = this.#journal.entry(id);
    return entry === null ? null : Math.max(0, Date.now() - Date.parse(entry.time));
  }

  #forgetOldest(): void {
    const oldest = this.#openedAt.keys().next().value;
    if (oldest !== undefined) this.#openedAt.delete(oldest);
  }
}

/** Its outage is in the journal once; what every worker has to say of it is not news. */
const isBrokerAway = (core: CoreState, program: string | null): boolean => {
  const broker = program === null ? null : (core.programs[program]?.broker ?? null);
  return broker !== null && core.brokers[broker]?.state === 'down';
};
