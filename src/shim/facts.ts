import { monotonicMs } from '../linux/clock.ts';
import type { Fact, FactBody } from './protocol.ts';

/**
 * Facts until the controller has them in its journal. Bounded by what can happen: only a controller spawns, an incarnation has at
 * most a handful of facts, and trouble with a log that nobody has read yet becomes one fact with a counter.
 */
export class Facts {
  #next = 1;
  #kept: Fact[] = [];
  readonly #added: (fact: Fact) => void;
  readonly #isAttached: () => boolean;

  constructor(added: (fact: Fact) => void, isAttached: () => boolean) {
    this.#added = added;
    this.#isAttached = isAttached;
  }

  /** Not acknowledged yet, oldest first. */
  get kept(): readonly Fact[] {
    return this.#kept;
  }

  add(body: FactBody): void {
    if (body.kind === 'logTrouble' && !this.#isAttached()) this.#mergeTrouble(body);
    else this.#append(body);
  }

  /** Everything up to and including `seq` is safe with the controller. */
  acknowledge(seq: number): void {
    this.#kept = this.#kept.filter((fact) => fact.seq > seq);
  }

  #append(body: FactBody): void {
    const fact: Fact = { ...body, seq: this.#next, at: monotonicMs(), wall: Date.now() };
    this.#next += 1;
    this.#kept.push(fact);
    this.#added(fact);
  }

  // Under a new number: the controller may have seen the old one, and acknowledging that must not lose what came after.
  #mergeTrouble(body: Extract<FactBody, { kind: 'logTrouble' }>): void {
    const earlier = this.#kept.find((fact) => fact.kind === 'logTrouble' && fact.path === body.path);
    if (earlier?.kind !== 'logTrouble') {
      this.#append(body);
      return;
    }
    this.#kept = this.#kept.filter((fact) => fact !== earlier);
    this.#append({ ...body, droppedLines: body.droppedLines + earlier.droppedLines });
  }
}
