/** The walk of the incident in one window: everything `diagnose` looks at, on a living process, without stopping it. */
import { matchAdvisories } from './advisory-match.ts';
import { isPhp } from './command-line.ts';
import { conclude } from './conclusion/conclude.ts';
import { extensionFiles } from './extension-files.ts';
import { askVersions, extensionsOf } from './extensions.ts';
import type { Versions } from './extensions.ts';
import { growthOf } from './figures.ts';
import { identify, whyWithoutMemory } from './identity.ts';
import type { Identity } from './identity.ts';
import { byKind, grownBetween, mappedShared } from './mappings.ts';
import type { MappingReading } from './mappings.ts';
import { NO_FAULT } from './perf.ts';
import { readMappings } from './target.ts';
import type { Advisory, Diagnosis, DiagnosisEvidence, Managed, MemoryFacts } from './types.ts';
import { watchWindow } from './window.ts';
import type { MappingsRead, Window, WindowOptions } from './window.ts';
import { waitShares } from './waits.ts';

export interface DiagnoseOptions extends WindowOptions {
  pid: number;
  /** Asked for once the window is open: reading them must not keep anybody from looking, and at its end an upgrade may have taken them away. */
  advisories: () => Promise<readonly Advisory[]>;
  /** What a controller says of it at this moment; null: none has it. Asked once an interval, answered from memory. */
  managed: () => Managed | null;
  /** Wall clock, milliseconds. */
  now: () => number;
}

/** There is no such process, or nothing of it that could be looked at. */
export class NoProcessError extends Error {}

/** @throws NoProcessError */
export const diagnose = async (options: DiagnoseOptions): Promise<Diagnosis> => {
  const { pid, now } = options;
  const identity = await identify(pid, now());
  if (identity === null) throw new NoProcessError(`there is no process with pid ${pid}`);
  const nothing = whyWithoutMemory(identity);
  if (nothing !== null) throw new NoProcessError(nothing);
  const takenAt = new Date(now()).toISOString();
  const began = process.cpuUsage();
  const before = readMappings(pid);
  const objects = objectsOf(before);
  const php = isPhp(identity.executable, identity.words, objects);
  // Asked right away: a worker that is about to be replaced may be gone at the end.
  const answer = php ? ask(identity) : Promise.resolve({ versions: new Map<string, string>(), why: 'it is no PHP' });
  const [window, advisories] = await Promise.all([watchWindow(options, identity, before), options.advisories()]);
  const used = process.cpuUsage(began);
  const asked = await answer;
  const files = php ? extensionFiles(objects) : [];
  const extensions = extensionsOf(files, asked.versions, asked.why);
  const phpVersion = asked.versions.get('php') ?? null;
  const { watch } = window;
  const evidence: DiagnosisEvidence = {
    format: 1,
    takenAt,
    seconds: Math.round(watch.seconds * 10) / 10,
    askedSeconds: options.seconds,
    survived: window.survived,
    process: { ...factsOf(identity), isPhp: php, phpVersion },
    managed: options.managed(),
    memory: memoryOf(window),
    cpu: watch.cpu,
    waits: waitShares(watch.waits),
    stack: window.stack,
    host: window.host,
    oom: window.oom,
    helpers: window.helpers.all,
    descriptors: window.descriptors,
    extensions,
    advisories: matchAdvisories(advisories, extensions, phpVersion),
    faults: window.faults,
    timeline: watch.ticks,
    overhead: {
      ownCpuMs: Math.round((used.user + used.system) / 1000),
      readMs: Math.round(watch.readMs * 10) / 10,
      readings: watch.ticks.length,
      smapsMs: Math.round((window.before.tookMs + window.after.tookMs) * 10) / 10,
      perfSamples: window.faults.samples === 0 ? null : window.faults.samples,
    },
    notes: notesOf(window, { isPhp: php, askWhy: asked.why }),
  };
  return { ...evidence, growth: growthOf(evidence.timeline), conclusion: conclude(evidence) };
};

const memoryOf = ({ before, after, zendWhy, peakRssBytes }: Window): MemoryFacts => {
  const [first, last] = [valueOf(before), valueOf(after)];
  return {
    before: first === null ? null : byKind(first.mappings, first.zend),
    after: last === null ? null : byKind(last.mappings, last.zend),
    grown: first === null || last === null ? [] : grownBetween(first, last),
    mappedShared:
      first === null || last === null
        ? null
        : { fromBytes: mappedShared(first.mappings), toBytes: mappedShared(last.mappings) },
    peakRssBytes,
    why: 'why' in before ? before.why : 'why' in after ? after.why : null,
    zendWhy,
  };
};

const valueOf = (read: MappingsRead): MappingReading | null => ('value' in read ? read.value : null);

const objectsOf = (read: MappingsRead): string[] => {
  const mappings = valueOf(read)?.mappings ?? [];
  return [
    ...new Set(mappings.filter(({ path, inode }) => inode !== 0 && path.includes('.so')).map(({ path }) => path)),
  ];
};

const ask = async (identity: Identity): Promise<{ versions: Versions; why: string | null }> => {
  const answer = await askVersions(identity);
  return 'why' in answer ? { versions: new Map(), why: answer.why } : { versions: answer.versions, why: null };
};

/** Without what only we need: its words have their secrets. */
const factsOf = (identity: Identity): Omit<DiagnosisEvidence['process'], 'isPhp' | 'phpVersion'> => {
  const { pid, startedAt, ageSeconds, user, uid, command, executable, directory, parent } = identity;
  return { pid, startedAt, ageSeconds, user, uid, command, executable, directory, parent };
};

const notesOf = (
  { before, after, survived, faults, zendWhy, watch }: Window,
  { isPhp: php, askWhy }: { isPhp: boolean; askWhy: string | null },
): string[] => {
  const notes: string[] = [];
  if (!survived)
    notes.push(
      `the process ended in the window, after ${Math.round(watch.seconds * 10) / 10} s: what follows is what was seen until then`,
    );
  if ('why' in before) notes.push(`its mappings cannot be read: ${before.why}`);
  else if ('why' in after && survived) notes.push(`its mappings could not be read again: ${after.why}`);
  if (php && zendWhy !== null) notes.push(`PHP's own heap is not known: ${zendWhy}`);
  if (php && askWhy !== null) notes.push(`the versions of its extensions are not known: ${askWhy}`);
  if (faults.why === NO_FAULT) notes.push(`${NO_FAULT}: it touched no new memory`);
  else if (faults.why !== null) notes.push(`who touches new memory is not known: ${faults.why}`);
  return notes;
};
