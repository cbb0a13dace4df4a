/** What a reload does, or would do: `reload --json` (docs/design.md, section 9). */

/** `workers`: workers start or stop, the others are not touched. */
export type Effect = 'live' | 'roll' | 'workers';

export interface KeyChange {
  /** Within its program, or from the root for what is in no program: `memory.soft`. */
  key: string;
  /** From the root, where it was written: `programs.shop.memory.soft`, `defaults.memory.soft`. */
  path: string;
  /** Of workers.yaml as read now; null: it is no longer in there, and has its default. */
  line: number | null;
  /** As they would be written, secrets masked; null: not set. */
  from: string | null;
  to: string | null;
  effect: Effect;
}

export interface ProgramPlan {
  name: string;
  change: 'added' | 'removed' | 'changed' | 'unchanged';
  workers: { from: number; to: number };
  /** Names of workers that come and go; the others are kept. */
  starts: string[];
  stops: string[];
  /** The kept workers are replaced one after the other. */
  rolls: boolean;
  keys: KeyChange[];
  /** One sentence. */
  text: string;
}

export interface NotApplied {
  path: string;
  line: number | null;
  text: string;
}

export interface ReloadPlan {
  programs: ProgramPlan[];
  /** Outside of programs, applied at once. */
  settings: KeyChange[];
  /** Keep their values until there is another controller. */
  notApplied: NotApplied[];
}
