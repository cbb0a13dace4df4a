/** Judges a tree against the schema: every fault with its place, and the tree without what was at fault. */
import type * as z from 'zod';
import { isSecretName, maskLine } from './mask.ts';
import { dotted, quote } from './problem.ts';
import type { Fault, Path } from './problem.ts';
import { rawAt } from './raw-at.ts';
import { infoOf, schemaAt } from './schema/walk.ts';
import { EMPTY, isRawMap } from './tree.ts';
import type { Places, Raw, RawMap } from './tree.ts';
import { explainUnknownKey } from './unknown-keys.ts';

interface Judged {
  schema: z.ZodType;
  root: Raw;
  places: Places;
}

type Issue = z.core.$ZodIssue;

/** By the name of a key or of a variable it came from, or because the schema says so. */
function isSecret({ schema, places }: Pick<Judged, 'schema' | 'places'>, path: Path): boolean {
  const variables = places.get(path)?.template?.match(/\w+/g) ?? [];
  if (variables.some(isSecretName)) return true;
  const named = path.some((step) => typeof step === 'string' && isSecretName(step));
  const inSecret = path.some((_, index) => infoOf(schemaAt(schema, path.slice(0, index + 1)))?.secret === true);
  return named || inSecret;
}

/** What stands there, as it may be shown. */
function describeFound({ schema, root, places }: Judged, path: Path): string {
  const raw = rawAt(root, path);
  if (raw === undefined) return 'nothing';
  if (raw === EMPTY) return 'nothing after the colon';
  if (raw === null) return 'null';
  if (Array.isArray(raw)) return raw.length === 0 ? 'an empty list' : 'a list';
  if (typeof raw === 'object') return 'a map';
  const template = places.get(path)?.template ?? null;
  const from = template === null ? '' : ` (from ${quote(maskLine(template))})`;
  if (isSecret({ schema, places }, path)) return `a value that is not shown here${from}`;
  return `${quote(maskLine(raw))}${from}`;
}

function expectedShape(judged: Judged, path: Path, kind: string): string {
  const example = infoOf(schemaAt(judged.schema, path))?.example;
  const what = kind === 'array' ? 'a list' : 'a map';
  const form = kind === 'array' ? ' such as [a, b]' : ' of `key: value` lines';
  return example === undefined || example.startsWith('"') ? `${what}${form}` : `${what} such as ${example}`;
}

function unknownKey(judged: Judged, path: Path, name: string): Fault {
  const { allowed, suggestion } = explainUnknownKey(judged.schema, path, name);
  const position = judged.places.near([...path, name]).key;
  const found = `the unknown key ${quote(name)}`;
  const expected = `one of ${allowed.join(', ')}`;
  const sentence = suggestion === null ? `unknown key, expected ${expected}` : 'unknown key';
  return { path: [...path, name], position, found, expected, suggestion, sentence, spoils: true };
}

function valueFault(judged: Judged, path: Path, expected: string, suggestion: string | null): Fault {
  const position = judged.places.near(path).value;
  // A repaired text may repeat a secret.
  const shown = suggestion !== null && isSecret(judged, path) ? null : suggestion;
  return { path, position, found: describeFound(judged, path), expected, suggestion: shown, spoils: true };
}

function faultsOf(judged: Judged, issue: Issue, base: Path): Fault[] {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => unknownKey(judged, path, name));
  if (issue.code === 'invalid_type')
    return [valueFault(judged, path, expectedShape(judged, path, issue.expected), null)];
  if (issue.code === 'invalid_union') {
    // Every alternative failed: the last one is the map, and speaks for a map.
    const branch = isRawMap(rawAt(judged.root, path)) ? issue.errors.at(-1) : issue.errors[0];
    return (branch ?? []).flatMap((inner) => faultsOf(judged, inner, path));
  }
  const { expected, suggestion } = issue.code === 'custom' ? (issue.params ?? {}) : {};
  const said = typeof expected === 'string' ? expected : issue.message;
  return [valueFault(judged, path, said, typeof suggestion === 'string' ? suggestion : null)];
}

/** The tree without the values at these paths; a list with a faulty item goes as a whole. */
export function prune(root: Raw, paths: readonly Path[]): Raw {
  const ends = paths.filter((path) => path.length > 0);
  if (!isRawMap(root)) return root;
  const kept: RawMap = {};
  for (const [name, value] of Object.entries(root)) {
    const below = ends.filter(([first]) => first === name).map((path) => path.slice(1));
    const gone = below.some((path) => path.length === 0) || (below.length > 0 && !isRawMap(value));
    if (!gone) kept[name] = below.length > 0 ? prune(value, below) : value;
  }
  return kept;
}

/** Keys that were probably meant by unknown ones: that they are missing is not another fault. */
function meantPaths(faults: readonly Fault[]): Path[] {
  return faults.flatMap(({ path, found, suggestion }) => {
    const isUnknownKey = found.startsWith('the unknown key') && suggestion != null;
    return isUnknownKey ? [[...path.slice(0, -1), ...suggestion.split('.')]] : [];
  });
}

/** All faults of the tree against the schema, and the tree without what they spoil: that tree passes. */
export function validate(judged: Judged): { faults: Fault[]; root: Raw; spoilt: Path[] } {
  const result = judged.schema.safeParse(judged.root);
  if (result.success) return { faults: [], root: judged.root, spoilt: [] };
  const all = result.error.issues.flatMap((issue) => faultsOf(judged, issue, []));
  const meant = meantPaths(all);
  const faults = all.filter(
    ({ path, found }) => found !== 'nothing' || !meant.some((other) => dotted(other) === dotted(path)),
  );
  return {
    faults,
    root: prune(
      judged.root,
      faults.map((fault) => fault.path),
    ),
    spoilt: [...faults.map((fault) => fault.path), ...meant],
  };
}
