/**
 * Loads a workers.yaml: all its problems at once, or a frozen Config.
 *
 *   text → tree (parse.ts, tree.ts) → judged against the schema (validate.ts) → defaults merged into programs (merge.ts)
 *        → judged as a whole (checks/) → absolute and decided (resolve.ts)
 *
 * What the schema finds faulty is cut out of the tree, so that the rest can still be judged without follow-up problems.
 */
import { resolve } from 'node:path';
import { checkCeilings } from './checks/ceilings.ts';
import type { CheckedProgram } from './checks/checking.ts';
import { checkExclusive, checkSettings } from './checks/exclusive.ts';
import { checkListeners, findNeverSent } from './checks/listeners.ts';
import { findLogConflicts } from './checks/log-files.ts';
import { checkName, checkNames } from './checks/names.ts';
import { checkAfter, checkGroups } from './checks/references.ts';
import type { Environment } from './interpolate.ts';
import { mergeRaw, Written } from './merge.ts';
import { findUngated, findUnsaid } from './gated.ts';
import { findNotYetActive } from './not-yet-active.ts';
import { otherFiles } from './other-files.ts';
import type { OtherFiles } from './other-files.ts';
import { parseText } from './parse.ts';
import { defaultDirectories, longestSocketBytes, MOST_SOCKET_BYTES } from './paths.ts';
import type { Who } from './paths.ts';
import { makeProblem, tidyProblems } from './problem.ts';
import type { Fault, Path } from './problem.ts';
import { rawAt } from './raw-at.ts';
import { readTextFile } from './read-file.ts';
import { httpOf } from './http.ts';
import { resolveConfig, resolveDirectories, resolveProgram } from './resolve.ts';
import type { Surroundings } from './resolve.ts';
import { program as programSchema } from './schema/program.ts';
import { root as rootSchema, settings as settingsSchema } from './schema/root.ts';
import type { SettingsValues } from './schema/root.ts';
import { isRawMap } from './tree.ts';
import type { Places, Raw, RawMap, Tree } from './tree.ts';
import type { BrokerConfig, Config, LoadResult, ProgramConfig } from './types.ts';
import { prune, validate } from './validate.ts';

/** A program of the file, merged and read. */
interface Merged extends CheckedProgram {
  merged: RawMap;
}

/** The file after the schema. */
interface Judged {
  settings: SettingsValues;
  programs: Map<string, Merged>;
  /** Names of all programs, also of those that could not be read. */
  known: string[];
  places: Places;
  faults: Fault[];
  isSpoilt: (path: Path) => boolean;
}

function mapAt(root: Raw, path: Path): RawMap {
  const raw = rawAt(root, path);
  return isRawMap(raw) ? raw : {};
}

/** One lies within the other. */
function overlap(a: Path, b: Path): boolean {
  return a.slice(0, b.length).every((step, index) => String(step) === String(b[index]));
}

function mergePrograms(root: Raw, places: Places, isSpoilt: (path: Path) => boolean): Map<string, Merged> {
  const base = mapAt(root, ['defaults']);
  const programs = new Map<string, Merged>();
  for (const [name, own] of Object.entries(mapAt(root, ['programs']))) {
    if (!isRawMap(own)) continue;
    const merged = mergeRaw(base, own);
    const written = new Written(name, own, places);
    programs.set(name, {
      merged,
      written,
      values: programSchema.parse(merged),
      isSpoilt: (relative) => isSpoilt(['defaults', ...relative]) || isSpoilt(['programs', name, ...relative]),
    });
  }
  return programs;
}

function judge({ root, places, faults }: Tree): Judged {
  const spoilt = faults.filter(({ spoils }) => spoils === true).map(({ path }) => path);
  const written = prune(root, spoilt);
  const judged = validate({ schema: rootSchema, root: written, places });
  // A list is cut out as a whole with its faulty item, so a key is spoilt by what lies below it, too.
  spoilt.push(...judged.spoilt);
  const isSpoilt = (path: Path) => spoilt.some((other) => overlap(path, other) || overlap(other, path));
  const top = Object.entries(mapAt(judged.root, [])).filter(([name]) => name !== 'defaults' && name !== 'programs');
  const version = isSpoilt(['version']) ? { version: '1' } : {};
  const known = Object.keys(mapAt(root, ['programs']));
  // A fault of a cut-out value is not also "nothing": the key was there.
  const isEcho = (fault: Fault) =>
    faults.some((other) => other.spoils === true && other.path.join('\n') === fault.path.join('\n'));
  return {
    settings: settingsSchema.parse({ ...Object.fromEntries(top), ...version }),
    programs: mergePrograms(judged.root, places, isSpoilt),
    known,
    places,
    faults: [...faults, ...judged.faults.filter((fault) => !isEcho(fault))],
    isSpoilt,
  };
}

/** A program without a command, and a file without programs. */
function missing({ programs, known, places, isSpoilt }: Judged): Fault[] {
  if (known.length === 0 && !isSpoilt(['programs'])) {
    const position = places.near(['programs']).key;
    return [
      { path: ['programs'], position, found: 'no programs', expected: 'at least one, as `name: { command: … }`' },
    ];
  }
  return [...programs].flatMap(([name, program]) => {
    const path = ['programs', name];
    if (program.values.command !== null || program.isSpoilt(['command'])) return [];
    return [{ path, position: places.near(path).key, found: 'no command', expected: 'command: what each worker runs' }];
  });
}

function socketFault(judged: Judged, { directories }: Surroundings): Fault[] {
  const bytes = longestSocketBytes(directories.stateDir);
  if (bytes <= MOST_SOCKET_BYTES) return [];
  const place = judged.places.get(['stateDir']);
  const found = `${directories.stateDir}, which makes a socket path of ${bytes} bytes`;
  const expected = `a shorter directory: Linux takes ${MOST_SOCKET_BYTES} bytes`;
  return [{ path: ['stateDir'], position: place?.value ?? { line: 1, column: 1 }, found, expected }];
}

function check(judged: Judged, surroundings: Surroundings): Fault[] {
  const { settings, programs, known, places, isSpoilt } = judged;
  const checked = { programs, places };
  const names = [
    ...known.map((name) => ['programs', name]),
    ...Object.keys(settings.groups).map((name) => ['groups', name]),
    ...Object.keys(settings.eventListeners).map((name) => ['eventListeners', name]),
  ];
  return [
    ...missing(judged),
    ...names.flatMap((path) => checkName(path, places)),
    ...checkNames(checked),
    ...checkCeilings(checked),
    ...checkExclusive(checked),
    ...checkSettings(settings, places, isSpoilt),
    ...(isSpoilt(['groups']) ? [] : checkGroups(settings.groups, known, places)),
    ...checkListeners(settings, checked, { known, isSpoilt }),
    ...checkAfter(checked, known),
    ...socketFault(judged, surroundings),
  ];
}

function resolvePrograms(
  judged: Judged,
  files: OtherFiles & { topBroker: BrokerConfig | null },
  surroundings: Surroundings,
): Map<string, ProgramConfig> {
  const { topBroker } = files;
  const programs = new Map<string, ProgramConfig>();
  for (const [name, program] of judged.programs) {
    const { envFile, broker } = program.values;
    const { written } = program;
    const environment = envFile === null ? {} : files.environment(envFile, written.path(['envFile']));
    const ownBroker = broker === null ? null : files.broker(broker, written.path(['broker']));
    const found = { environment, broker: ownBroker, topBroker };
    programs.set(name, resolveProgram(program, found, surroundings));
  }
  return programs;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

function failed(shown: string, faults: readonly Fault[]): LoadResult {
  return { ok: false, problems: tidyProblems(faults.map((fault) => makeProblem(shown, fault))), notYetActive: [] };
}

/** Where each key of `host:` was written. */
function hostOrigins(settings: SettingsValues, places: Places): Config['origins'] {
  return Object.fromEntries(
    Object.keys(settings.host).flatMap((name) => {
      const place = places.get(['host', name]);
      return place === null ? [] : [[`host.${name}`, { key: `host.${name}`, line: place.key.line }]];
    }),
  );
}

function loadTree(tree: Tree, shown: string, { env, who }: { env: Environment; who: Who }): LoadResult {
  const file = resolve(shown);
  const judged = judge(tree);
  const { settings, places } = judged;
  const directories = resolveDirectories(settings, file, defaultDirectories(env, who));
  const surroundings = { file, directories };
  const files = otherFiles(file, shown, places);
  const broker = settings.broker === null ? null : files.broker(settings.broker, ['broker']);
  files.advisories(settings.advisories);
  const http = httpOf(settings, file);
  const programs = resolvePrograms(judged, { ...files, topBroker: broker }, surroundings);
  const faults = [...judged.faults, ...check(judged, surroundings)].map((fault) => makeProblem(shown, fault));
  const problems = tidyProblems([...faults, ...files.problems]);
  const notYetActive = findNotYetActive(tree, programs);
  if (problems.length > 0) return { ok: false, problems, notYetActive };
  const config = deepFreeze(
    resolveConfig(settings, { programs, broker, http, origins: hostOrigins(settings, places) }, surroundings),
  );
  const lineOf = (path: readonly string[]): number => places.near([...path]).key.line;
  const vain = [findUngated, findUnsaid, findNeverSent, findLogConflicts].flatMap((find) => find(config, lineOf));
  return { ok: true, config, notYetActive: [...notYetActive, ...vain], lineOf };
}

/**
 * @param file path of workers.yaml as the user named it; problems name it so, `config.file` is absolute.
 * @param env the environment for `${VAR}` and for the directories of a plain user.
 */
export function loadConfig(file: string, env: Environment, who: Who): LoadResult {
  const content = readTextFile(file);
  if (!content.ok)
    return failed(file, [{ path: [], position: null, found: content.found, expected: content.expected }]);
  const parsed = parseText(content.text, env);
  if (!parsed.ok) return failed(file, parsed.faults);
  const { root } = parsed.tree;
  if (isRawMap(root)) return loadTree(parsed.tree, file, { env, who });
  const found = Array.isArray(root) ? 'a list' : typeof root === 'string' ? 'text' : 'an empty file';
  return failed(file, [
    {
      path: [],
      position: parsed.tree.places.near([]).value,
      found,
      expected: 'a map with `version: 1` and `programs:`',
    },
  ]);
}
