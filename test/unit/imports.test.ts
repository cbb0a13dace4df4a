/** The direction of imports (docs/design.md, section 4): who may import whom, and no cycles; imports of types count too. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

interface Import {
  from: string;
  /** A path below src for ours, else as written (`node:fs`, a package). */
  to: string;
  ours: boolean;
  typeOnly: boolean;
}

/** Statements `import … from '…'`, `export … from '…'`, `import '…'` and calls `import('…')`. Comments are taken out first. */
export const importsIn = (from: string, source: string): Import[] => {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(/^\s*(import|export)\s(?:([^'";]*?)\sfrom\s)?\s*'([^']+)'/gm);
  const calls = code.matchAll(/\bimport\(\s*'([^']+)'\s*[,)]/g);
  return [
    ...[...statements].map(([, , clause = '', to = '']) => resolve(from, to, /^type\s/.test(clause))),
    ...[...calls].map(([, to = '']) => resolve(from, to, false)),
  ];
};

const resolve = (from: string, to: string, typeOnly: boolean): Import => {
  const ours = to.startsWith('.');
  return { from, to: ours ? normalize(join(dirname(from), to)) : to, ours, typeOnly };
};

const isIn = (path: string, ...places: string[]): boolean =>
  places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));

const TYPES_OF_PURE = ['config/types.ts', 'shim/protocol.ts', 'shim/spawn-spec.ts'];

const pure = ({ to, ours, typeOnly }: Import): boolean =>
  ours && (isIn(to, 'core/', 'policy/') || (typeOnly && isIn(to, ...TYPES_OF_PURE)));

/** Ours may import ours from these places only; packages and `node:` are free. */
const only =
  (...places: string[]) =>
  ({ to, ours }: Import): boolean =>
    !ours || isIn(to, ...places);

const typesOf =
  (...places: string[]) =>
  ({ to, typeOnly }: Import): boolean =>
    typeOnly && isIn(to, ...places);

type Rule = (found: Import) => boolean;

const either =
  (...rules: Rule[]): Rule =>
  (found) =>
    rules.some((rule) => rule(found));

/** The list of known leaks is forensics' own; a bisect suspects by it. */
const KNOWN_LEAKS = ['forensics/advisories.ts', 'forensics/advisory-match.ts', 'forensics/types.ts'];

const CONTROLLER = ['controller/', 'core/', 'policy/', 'config/', 'broker/', 'linux/', 'php/', 'api/'].concat([
  'shim/protocol.ts',
  'shim/spawn-spec.ts',
  'shim/version.ts',
  'shim/samples.ts',
  'shim/samples-message.ts',
  'shim/json-lines.ts',
  ...KNOWN_LEAKS,
]);

const CLI = ['cli/', 'config/', 'policy/', 'forensics/', 'api/', 'linux/', 'php/', 'broker/probe.ts'];

/** By the first folder below src; `cli/run.ts` has its own row. */
const RULES: Record<string, Rule> = {
  core: pure,
  policy: pure,
  gate: only('gate/'),
  linux: only('linux/'),
  php: only('php/', 'linux/'),
  config: either(only('config/'), typesOf('shim/spawn-spec.ts')),
  broker: only('broker/', 'linux/'),
  shim: only('shim/', 'gate/', 'linux/'),
  forensics: only('forensics/', 'linux/', 'php/', 'policy/', 'config/'),
  controller: only(...CONTROLLER),
  api: (found) => only('api/')(found) || (found.from === 'api/server.ts' && typesOf('controller/')(found)),
  cli: (found) => only(...CLI)(found) || (found.from === 'cli/run.ts' && isIn(found.to, 'controller/')),
  'main.ts': only('cli/', 'api/'),
};

const sourceFiles = (): string[] =>
  readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(SRC, join(entry.parentPath, entry.name)))
    .toSorted();

const allImports = (): Import[] =>
  sourceFiles().flatMap((file) => importsIn(file, readFileSync(join(SRC, file), 'utf8')));

const folderOf = (file: string): string => file.split('/')[0] ?? file;

const allowed = (found: Import): boolean => RULES[folderOf(found.from)]?.(found) ?? false;

/** Every cycle once, as the path that closes it. */
const cyclesIn = (imports: Import[]): string[] => {
  const edges = new Map<string, string[]>();
  for (const { from, to, ours } of imports) if (ours) edges.set(from, [...(edges.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) cycles.push([...path.slice(at), file].join(' → '));
    if (at !== -1 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return cycles;
};

test('every import goes in the direction of the design', () => {
  const wrong = allImports().filter((found) => !allowed(found));
  expect(wrong.map(({ from, to, typeOnly }) => `${from} → ${to}${typeOnly ? ' (type)' : ''}`)).toEqual([]);
});

test('there are no cycles', () => {
  expect(cyclesIn(allImports())).toEqual([]);
});

test('imports of ours name their file with its extension', () => {
  const wrong = allImports().filter(({ to, ours }) => ours && !to.endsWith('.ts') && !to.endsWith('.json'));
  expect(wrong).toEqual([]);
});

test.each([
  ["import { a } from '../linux/a.ts';", 'linux/a.ts', false],
  ["import type { A } from './types.ts';", 'core/types.ts', true],
  ["import {\n  a,\n  type B,\n} from './find.ts';", 'core/find.ts', false],
  ["export { a } from './find.ts';", 'core/find.ts', false],
  ["export * from './find.ts';", 'core/find.ts', false],
  ["import './side.ts';", 'core/side.ts', false],
  ["const a = await import('../cli/run.ts');", 'cli/run.ts', false],
])('the reader of imports understands %j', (source, to, typeOnly) => {
  expect(importsIn('core/x.ts', source)).toEqual([expect.objectContaining({ to, typeOnly, ours: true })]);
});

test.each([
  ['core/a.ts', "import { readFileSync } from 'node:fs';"],
  ['core/a.ts', "import { z } from 'zod';"],
  ['core/a.ts', "import { x } from '../shim/protocol.ts';"],
  ['policy/a.ts', "import type { S } from '../shim/samples.ts';"],
  ['gate/a.ts', "import { read } from '../linux/a.ts';"],
  ['shim/a.ts', "import type { Config } from '../config/types.ts';"],
  ['config/a.ts', "import { PROTOCOL } from '../shim/protocol.ts';"],
  ['linux/a.ts', "import { a } from '../shim/a.ts';"],
  ['controller/a.ts', "import { a } from '../shim/spawn.ts';"],
  ['cli/status.ts', "import { a } from '../controller/loop.ts';"],
  ['cli/run.ts', "import { a } from '../core/step.ts';"],
  ['api/routes.ts', "import type { A } from '../controller/a.ts';"],
  ['unheard/a.ts', "import { a } from './b.ts';"],
])('the rules forbid %s: %s', (file, source) => {
  expect(importsIn(file, source).map(allowed)).toEqual([false]);
});

test('the search for cycles finds one', () => {
  const edge = (from: string, to: string): Import => ({ from, to, ours: true, typeOnly: true });
  expect(cyclesIn([edge('a.ts', 'b.ts'), edge('b.ts', 'c.ts'), edge('c.ts', 'a.ts'), edge('d.ts', 'a.ts')])).toEqual([
    'a.ts → b.ts → c.ts → a.ts',
  ]);
});
