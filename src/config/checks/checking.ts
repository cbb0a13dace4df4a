/** What a check of merged programs works with. */
import type { Written } from '../merge.ts';
import type { Fault, Path } from '../problem.ts';
import type { ProgramValues } from '../schema/program.ts';
import type { Place, Places } from '../tree.ts';

/** One program after merging, and where its keys were written. */
export interface CheckedProgram {
  values: ProgramValues;
  written: Written;
  /** Whether a fault below this key was found already. */
  isSpoilt: (relative: Path) => boolean;
}

export interface Checked {
  programs: ReadonlyMap<string, CheckedProgram>;
  places: Places;
}

/** A fault at a key of a program, wherever that key was written. */
export function faultAt(
  { written }: CheckedProgram,
  places: Places,
  relative: Path,
  said: Pick<Fault, 'found' | 'expected'> & Partial<Pick<Fault, 'suggestion'>>,
): Fault {
  const path = written.path(relative);
  const place: Place = places.near(path);
  return { path, position: place.value, ...said };
}
