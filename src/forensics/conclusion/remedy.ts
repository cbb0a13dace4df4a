/** What to do about it: the exact lines of workers.yaml where there are some. Pure. */
import { sourceOf } from '../advisory-match.ts';
import { bytes } from '../words.ts';
import type { AdvisoryMatch, DiagnosisEvidence } from '../types.ts';
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
  if (managed === null)
    return [
      'let ackwarden run it, with memory.soft and memory.hard: then it is recycled in time, without losing a message',
    ];
  if (managed.softBytes !== null || managed.hardBytes !== null || rss === null) return [];
  const soft = Math.max(128, 64 * Math.ceil((2 * rss) / MIB / 64));
  return [yaml(evidence, `memory: { soft: ${soft}MiB, hard: ${soft * 2}MiB }`)];
};

export const nativeRemedy = (
  evidence: DiagnosisEvidence,
  suspect: Suspect | null,
  advisories: readonly AdvisoryMatch[],
): string[] => {
  const module = suspect?.module ?? null;
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
  return [...disable, ...advisories.map(adviceOf), ...search, ...arenas, ...ceilings(evidence)];
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

export const helperRemedy = (
  evidence: DiagnosisEvidence,
  helper: string,
  advisories: readonly AdvisoryMatch[],
): string[] => {
  const extensions = [...new Set(advisories.map(({ advisory }) => advisory.extension))];
  const disable =
    extensions.length === 0 ? [] : [yaml(evidence, `php: { disableExtensions: [${extensions.join(', ')}] }`)];
  return [
    ...advisories.map(adviceOf),
    ...disable,
    `find what starts ${helper}; the ceilings count it, and a recycle ends it together with the worker`,
    ...ceilings(evidence),
  ];
};
