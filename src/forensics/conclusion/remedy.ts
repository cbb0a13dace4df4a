/** What to do about it: the exact lines of workers.yaml where there are some. Pure. */
import { sourceOf } from '../advisory-match.ts';
import { isBundled } from '../bundled-extensions.ts';
import { isPhp } from '../command-line.ts';
import { MASK } from '../../config/mask.ts';
import { bytes } from '../words.ts';
import type { AdvisoryMatch, DiagnosisEvidence } from '../types.ts';
import { secondsLeft } from './kept.ts';
import type { Kept, Thing } from './kept.ts';
import type { Suspect } from './module.ts';

const MIB = 1024 * 1024;

const programOf = ({ managed }: DiagnosisEvidence): string => managed?.program ?? 'PROGRAM';

/** `programs: { shop: { KEY } }`, as it is pasted. */
const yaml = (evidence: DiagnosisEvidence, lines: string): string =>
  `workers.yaml: programs: { ${programOf(evidence)}: { ${lines} } }`;

const adviceOf = ({ advisory, version }: AdvisoryMatch): string => {
  const what = version === null ? `if it is ${advisory.affected}` : `${advisory.extension} ${version}`;
  return `${what}: ${advisory.remedy} (${advisory.id}, ${sourceOf(advisory)})`;
};

/** Until the cause is cured the ceilings keep the host usable; only where none is set. */
const ceilings = (evidence: DiagnosisEvidence): string[] => {
  const { managed, timeline } = evidence;
  const rss = timeline.at(-1)?.rssBytes ?? null;
  const soft = rss === null ? 256 : Math.min(LARGEST_SOFT_MIB, Math.max(128, 64 * Math.ceil((2 * rss) / MIB / 64)));
  const memory = `memory: { soft: ${soft}MiB, hard: ${soft * 2}MiB }`;
  const unless = soft < LARGEST_SOFT_MIB ? '' : ', or twice what a fresh one holds, where that is more';
  if (managed === null)
    return [
      `let ackwarden run it: then it is recycled in time, without losing a message; ${yaml(evidence, `${started(evidence)}${memory}`)}${unless}`,
    ];
  if (managed.softBytes !== null || managed.hardBytes !== null || rss === null) return [];
  return [`${yaml(evidence, memory)}${unless}`];
};

/** What has leaked for long is no measure of what it needs. */
const LARGEST_SOFT_MIB = 512;
const LONGEST_COMMAND = 160;

/** How it was started, as keys of its program; what is too long to be read, or has a secret in it, is left to the reader. */
const started = ({ process: { command, directory, user } }: DiagnosisEvidence): string => {
  const words = JSON.stringify(command);
  const isShown = words.length <= LONGEST_COMMAND && !words.includes(MASK);
  const place = directory === null || directory === '/' ? '' : `directory: ${JSON.stringify(directory)}, `;
  const by = user === null || user === 'root' ? '' : `user: ${JSON.stringify(user)}, `;
  return `command: ${isShown ? words : 'AS_IT_IS_NOW'}, ${place}${by}`;
};

export const nativeRemedy = (
  evidence: DiagnosisEvidence,
  suspect: Suspect | null,
  advisories: readonly AdvisoryMatch[],
): string[] => {
  const module = suspect?.module ?? null;
  // What comes with PHP leaks seldom by itself.
  const held =
    suspect?.isExtension === true && shipsWithPhp(evidence, module)
      ? [
          FREES[module ?? ''] ??
            `look for what the code keeps of ${module} (handles, documents, other objects) before you blame the extension, which is a part of PHP`,
        ]
      : [];
  const disable =
    suspect?.isExtension === true && module !== null
      ? [`${yaml(evidence, `php: { disableExtensions: [${module}] }`)}, if its code can do without ${module}`]
      : [];
  const search =
    disable.length > 0
      ? []
      : [
          `ackwarden bisect ${programOf(evidence)} finds the extension by leaving one out at a time`,
          ...(evidence.faults.why === null ? [] : [`${evidence.faults.why}: with perf this names the shared object`]),
        ];
  const arenas =
    module === null && (evidence.cpu.threads ?? 1) > 1
      ? [yaml(evidence, 'environment: { MALLOC_ARENA_MAX: "2" }')]
      : [];
  return [...held, ...disable, ...advisories.map(adviceOf), ...search, ...arenas, ...ceilings(evidence)];
};

/** What PHP does not let go of when the code does. */
const FREES: Record<string, string> = {
  ffi: 'free what the code gets from malloc() and other functions of C libraries: PHP frees nothing of it, nor what FFI::new() makes with $owned false',
};

/** By its version, which is PHP's; in a container, where it cannot be asked for, by its name. */
const shipsWithPhp = ({ extensions, process }: DiagnosisEvidence, module: string | null): boolean => {
  const known = extensions.find(({ name }) => name === module);
  if (known === undefined) return false;
  return known.version === null || process.phpVersion === null
    ? isBundled(known.name)
    : known.version === process.phpVersion;
};

const CLOSE: Record<Thing, string> = {
  'curl handles':
    'unset() each curl handle once its answer is read, or keep one and use it again; curl_close() frees nothing since PHP 8.0 as long as a variable, an array or a static property holds the handle',
  'TLS connections':
    'close each connection once it is used (fclose(), or let go of the client that holds it), or keep one and use it again',
  connections:
    'close each connection once it is used (fclose(), or let go of the client that holds it), or keep one and use it again',
  pipes: 'close the pipes of each process that the code starts (fclose(), then proc_close())',
  files: 'fclose() each file, or let go of the variable that holds it',
  descriptors: 'close what the code opens; run as root, diagnose tells what it is on',
};

/** @param advisories known leaks of what is held responsible */
export const keptRemedy = (evidence: DiagnosisEvidence, kept: Kept, advisories: readonly AdvisoryMatch[]): string[] => [
  CLOSE[kept.thing],
  ...advisories.map(adviceOf),
  yaml(evidence, `${evidence.managed === null ? started(evidence) : ''}lifetime: { ${lifetimeOf(evidence, kept)} }`),
  ...(kept.bytesEach === null || evidence.managed === null ? [] : ceilings(evidence)),
];

/** It ends before it has half of what it may have; by messages where they are counted. */
const lifetimeOf = (evidence: DiagnosisEvidence, kept: Kept): string => {
  const left = secondsLeft(evidence, kept);
  if (left === null) return 'messages: 10000';
  const [first, last] = [evidence.timeline[0]?.acknowledged ?? null, evidence.timeline.at(-1)?.acknowledged ?? null];
  const messages = first === null || last === null ? 0 : last - first;
  if (messages > 0) return `messages: ${rounded((messages / evidence.seconds) * (left / 2))}`;
  const minutes = rounded(left / 2 / 60);
  return `age: ${minutes >= 120 ? `${Math.floor(minutes / 60)}h` : `${minutes}m`}`;
};

/** Down to one digit, at least 1. */
const rounded = (value: number): number => {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))));
  return Math.max(1, Math.floor(value / power) * power);
};

export const zendRemedy = (
  evidence: DiagnosisEvidence,
  advisories: readonly AdvisoryMatch[],
  perMessage: number | null,
): string[] => {
  const each = perMessage === null ? '' : ` (${bytes(perMessage)} with each message)`;
  return [
    `look for what the code keeps between two messages${each}: static properties, singletons, listeners registered again, query logs; memory_get_usage() shows it`,
    ...advisories.map(adviceOf),
    yaml(evidence, 'lifetime: { messages: 10000 }'),
    ...ceilings(evidence),
  ];
};

/** @param what the shared memory that grew most; null: it may not be seen */
export const sharedRemedy = (evidence: DiagnosisEvidence, what: string | null): string[] => [
  what?.startsWith('/') === true
    ? `unmap what is no longer needed, and remove its file: what lies in a tmpfs stays there whoever ends`
    : 'let go of each segment or mapping once it is used (of System V: shmop_delete() or shm_remove(); `ipcs -m` lists what is left)',
  'a recycle gives back what nobody else has mapped; a segment that is not deleted, and a file in a tmpfs, stay',
  ...ceilings(evidence),
];

export const helperRemedy = (
  evidence: DiagnosisEvidence,
  helper: string,
  advisories: readonly AdvisoryMatch[],
): string[] => {
  const extensions = [...new Set(advisories.map(({ advisory }) => advisory.extension))];
  const [largest] = evidence.helpers;
  const look =
    largest !== undefined && isPhp(largest.name, [], [])
      ? [`ackwarden diagnose --pid ${largest.pid} tells what in it leaks`]
      : [];
  const disable =
    extensions.length === 0 ? [] : [yaml(evidence, `php: { disableExtensions: [${extensions.join(', ')}] }`)];
  return [
    ...advisories.map(adviceOf),
    ...disable,
    ...look,
    `find what starts ${helper}; the ceilings count it, and a recycle ends it together with the worker`,
    ...ceilings(evidence),
  ];
};
