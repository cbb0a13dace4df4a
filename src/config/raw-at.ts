/** One value of a tree. */
import type { Path } from './problem.ts';
import { isRawMap } from './tree.ts';
import type { Raw } from './tree.ts';

/** The value at a path; undefined: nothing was written there. */
export function rawAt(root: Raw, path: Path): Raw | undefined {
  return path.reduce<Raw | undefined>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)];
    return isRawMap(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, root);
}
