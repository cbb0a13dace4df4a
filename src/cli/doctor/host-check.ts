/** One thing that `doctor` looked at. */
export interface HostCheck {
  /** Stable word, e.g. `cgroup`. */
  id: string;
  level: 'ok' | 'note' | 'problem';
  /** What was found. */
  text: string;
  /** What follows from it; null where nothing does. */
  consequence: string | null;
  /** What to do; null where there is nothing to do. */
  remedy: string | null;
  /** `run` cannot work here until this is cured. */
  blocking: boolean;
}

export function ok(id: string, text: string): HostCheck {
  return { id, level: 'ok', text, consequence: null, remedy: null, blocking: false };
}

export function note(id: string, text: string, consequence: string, remedy: string | null = null): HostCheck {
  return { id, level: 'note', text, consequence, remedy, blocking: false };
}

export function problem(id: string, text: string, consequence: string, remedy: string): HostCheck {
  return { id, level: 'problem', text, consequence, remedy, blocking: false };
}

export function blocker(id: string, text: string, consequence: string, remedy: string): HostCheck {
  return { ...problem(id, text, consequence, remedy), blocking: true };
}
