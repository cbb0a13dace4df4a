/** What all programs have in common → `defaults`, where that makes the file shorter. */
import type { Tree } from '../effective.ts';
import type { Document, Draft, Field } from './draft.ts';

type TreeMap = { [key: string]: Tree };

/** Keys that say what a program is. */
const OWN = ['command', 'workers', 'firstIndex'];

function isMap(value: Tree): value is TreeMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `user`, `recycle.stopTimeout` → its value; the parts of a path are apart. */
function leavesOf(draft: Draft): Map<string, Tree> {
  const fields = [...draft.fields].filter(([key]) => !OWN.includes(key));
  const leaves = fields.flatMap(([key, { value }]) =>
    isMap(value)
      ? Object.entries(value).map(([name, leaf]) => [JSON.stringify([key, name]), leaf] as const)
      : [[JSON.stringify([key]), value] as const],
  );
  return new Map(leaves);
}

function isSame(a: Tree | undefined, b: Tree | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function pathOf(leaf: string): [string, string | undefined] {
  const parts: unknown = JSON.parse(leaf);
  const [key, name] = Array.isArray(parts) ? parts.map(String) : [];
  return [key ?? '', name];
}

/** Takes the leaf out of a program; its comments are returned once nothing of the key is left. */
function take(draft: Draft, leaf: string): string[] {
  const [key, name] = pathOf(leaf);
  const field = draft.fields.get(key);
  if (field === undefined) return [];
  const rest =
    name === undefined || !isMap(field.value)
      ? {}
      : Object.fromEntries(Object.entries(field.value).filter(([other]) => other !== name));
  if (Object.keys(rest).length > 0) {
    draft.fields.set(key, { ...field, value: rest });
    return [];
  }
  draft.fields.delete(key);
  return field.comments;
}

function put(defaults: Map<string, Field>, leaf: string, value: Tree, comments: string[]): void {
  const [key, name] = pathOf(leaf);
  const known = defaults.get(key);
  const before = known !== undefined && isMap(known.value) ? known.value : {};
  defaults.set(key, {
    value: name === undefined ? value : { ...before, [name]: value },
    comments: [...new Set([...(known?.comments ?? []), ...comments])],
  });
}

/** Moves it; programs and defaults are changed in place. */
export function factorDefaults({ programs, defaults }: Document): void {
  const [first, ...others] = programs.map(leavesOf);
  if (first === undefined || others.length === 0) return;
  const common = [...first].filter(([leaf, value]) => others.every((leaves) => isSame(leaves.get(leaf), value)));
  if (common.length * others.length < 2) return;
  for (const [leaf, value] of common) {
    put(
      defaults,
      leaf,
      value,
      programs.flatMap((draft) => take(draft, leaf)),
    );
  }
}
