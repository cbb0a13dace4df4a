/** One process on the stop ladder (ladder.ts): where it is, and the timer of the deadline that leads on. */
import { monotonicMs } from '../linux/clock.ts';
import { RUNNING, step } from './ladder.ts';
import type { Ladder, LadderAction, LadderEvent, Moment } from './ladder.ts';

const MAX_TIMER_MS = 2 ** 31 - 1;

export class Climb {
  readonly #moment: (ladder: Ladder) => Moment;
  readonly #act: (action: LadderAction) => void;
  #ladder: Ladder = RUNNING;
  #deadline: NodeJS.Timeout | null = null;

  /** `moment` tells how the world is at an event, `act` carries out what a step orders. */
  constructor(moment: (ladder: Ladder) => Moment, act: (action: LadderAction) => void) {
    this.#moment = moment;
    this.#act = act;
  }

  get ladder(): Ladder {
    return this.#ladder;
  }

  step(event: LadderEvent): void {
    const { ladder, actions } = step(this.#ladder, event, this.#moment(this.#ladder));
    this.#ladder = ladder;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
    if (ladder.deadline !== null) {
      const wait = Math.max(0, ladder.deadline - monotonicMs());
      this.#deadline = setTimeout(() => this.step({ kind: 'deadline' }), Math.min(wait, MAX_TIMER_MS));
    }
    for (const action of actions) this.#act(action);
  }
}
