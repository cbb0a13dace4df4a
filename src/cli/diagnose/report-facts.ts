/** The sections of a diagnosis that are sentences. */
import { isUnconfirmed, sourceOf } from '../../forensics/advisory-match.ts';
import type { Diagnosis, FaultChain } from '../../forensics/types.ts';
import { moreText } from '../../forensics/words.ts';
import { UNKNOWN, formatBytes, formatGrowth, formatPercent } from '../format.ts';

const PAGE_BYTES = 4096;
const MOST_OBJECTS = 4;
const MOST_FRAMES = 6;
const MOST_HELPERS = 3;

const perSecond = (value: number | null): string => (value === null ? UNKNOWN : `${Math.round(value)}/s`);
const rate = (value: number | null): string => (value === null ? UNKNOWN : `${formatBytes(value)}/s`);

export const faultTexts = ({ faults }: Diagnosis): string[] => {
  if (faults.why !== null) return [];
  const objects = faults.objects
    .slice(0, MOST_OBJECTS)
    .map(
      ({ object, faults: count, share }) =>
        `${formatPercent(share * 100)} ${object} (${formatBytes(count * PAGE_BYTES)})`,
    );
  const [first] = faults.chains;
  return [
    `touched by ${objects.join(', ')}; ${faults.samples} samples of perf`,
    ...(first === undefined ? [] : [chainText(first, faults.total)]),
  ];
};

const chainText = ({ frames, faults }: FaultChain, total: number): string =>
  `most often (${formatPercent((100 * faults) / total)}): ${frames.slice(0, MOST_FRAMES).join(' < ')}`;

export const helperTexts = ({ helpers }: Diagnosis): string[] =>
  helpers
    .slice(0, MOST_HELPERS)
    .map(
      ({ pid, name, command, fromBytes, toBytes }) =>
        `pid ${pid}: ${command === '' ? name : command}, ${formatBytes(fromBytes)} to ${formatBytes(toBytes)}`,
    );

const MOST_MORE = 4;

/** How many, of which kind, and what there is more of. */
export const descriptorTexts = ({ descriptors, timeline }: Diagnosis): string[] => {
  const { open, limit, more } = descriptors;
  const [first, last] = [timeline[0]?.descriptors ?? null, timeline.at(-1)?.descriptors ?? null];
  if (last === null) return [];
  const kinds = (['socket', 'file', 'pipe', 'other'] as const)
    .map((kind) => [open?.[kind] ?? 0, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count} ${kind}${count === 1 || kind === 'other' ? '' : 's'}`);
  const change = first === null || first === last ? '' : `, ${last > first ? '+' : '-'}${Math.abs(last - first)}`;
  const text = `${last} open${limit === null ? '' : ` of at most ${limit}`}${change}${kinds.length === 0 ? '' : `: ${kinds.join(', ')}`}`;
  const grown = more.slice(0, MOST_MORE).map((each) => `+${moreText(each)}`);
  return grown.length === 0 ? [text] : [text, grown.join(', ')];
};

export const cpuText = ({ cpu }: Diagnosis): string => {
  const all = cpu.userPercent === null || cpu.systemPercent === null ? null : cpu.userPercent + cpu.systemPercent;
  const threads = cpu.threads === 1 ? '1 thread' : `${cpu.threads ?? UNKNOWN} threads`;
  return `${formatPercent(all)} (${formatPercent(cpu.userPercent)} user, ${formatPercent(cpu.systemPercent)} system), ${threads}; switches ${perSecond(cpu.voluntarySwitchesPerSecond)} voluntary, ${perSecond(cpu.involuntarySwitchesPerSecond)} involuntary; page faults ${perSecond(cpu.minorFaultsPerSecond)}, from disk ${perSecond(cpu.majorFaultsPerSecond)}`;
};

export const waitText = ({ waits, stack }: Diagnosis): string => {
  const shares = waits.map(({ share, text }) => `${formatPercent(share * 100)} ${text}`).join(', ');
  return `${shares}${stack === null ? '' : `; in the kernel: ${stack.slice(0, 3).join(' < ')}`}`;
};

export const hostTexts = ({ host }: Diagnosis): string[] => {
  if (host === null) return [];
  const free = host.freeBytesPerSecond;
  const moving = free === null ? '' : ` (${free < 0 ? '-' : '+'}${rate(Math.abs(free))})`;
  return [
    `memory available ${formatBytes(host.availableBytes)}, free ${formatBytes(host.freeBytes)}${moving}; swap used ${formatBytes(host.swapUsedBytes)}, in ${rate(host.swapInBytesPerSecond)}, out ${rate(host.swapOutBytesPerSecond)}`,
    `processors ${formatPercent(host.userPercent)} user, ${formatPercent(host.systemPercent)} system, ${formatPercent(host.idlePercent)} idle, ${formatPercent(host.waitPercent)} waiting, ${formatPercent(host.softirqPercent)} softirq; ${host.running ?? UNKNOWN} run, ${host.blocked ?? UNKNOWN} blocked; interrupts ${perSecond(host.interruptsPerSecond)}, rescheduling ${perSecond(host.reschedulingPerSecond)}, switches ${perSecond(host.switchesPerSecond)}`,
  ];
};

export const oomText = ({ oom, process }: Diagnosis): string => {
  const { score, scoreAdj, place, first } = oom;
  const own = `score ${score ?? UNKNOWN}, oom_score_adj ${scoreAdj ?? UNKNOWN}`;
  if (place === null || first === null) return own;
  if (first.pid === process.pid || place === 1) return `${own}: when memory runs out the kernel kills this one first`;
  return `${own}: when memory runs out the kernel kills ${first.name} (pid ${first.pid}, score ${first.score}) first; this one is number ${place}`;
};

/** Those that have a version of their own; of PHP's own, how many. */
export const extensionTexts = (found: Diagnosis): string[] => {
  const { extensions, process } = found;
  const loaded = extensions.filter(({ file }) => file !== null).toSorted((a, b) => a.name.localeCompare(b.name));
  const own = loaded.filter(({ version }) => version === null || version !== process.phpVersion);
  const isAnyKnown = loaded.some(({ version }) => version !== null);
  if (loaded.length > 0 && !isAnyKnown)
    return [`${loaded.map(({ name }) => name).join(', ')}; their versions are not known`, ...known(found)];
  const names = own.map(({ name, version }) => `${name} ${version ?? '(version unknown)'}`);
  const rest = loaded.length - own.length;
  const listed = rest === 0 ? names : [...names, `${rest} of PHP's own`];
  return [...(listed.length === 0 ? [] : [listed.join(', ')]), ...known(found)];
};

const known = ({ advisories }: Diagnosis): string[] =>
  advisories.map(
    ({ advisory, version }) =>
      `${version === null ? 'perhaps ' : ''}${isUnconfirmed(advisory) ? 'reported' : 'known'}: ${advisory.extension} ${advisory.affected}: ${advisory.symptom} (${sourceOf(advisory)})`,
  );

/** What its controller has seen of it, over a longer time than this window. */
export const controllerTexts = ({ managed }: Diagnosis): string[] => {
  if (managed === null) return [];
  const { trend, growthBytesPerMinute, growthBytesPerMessage, inFlight, softBytes, hardBytes } = managed;
  const rates = [
    `trend ${trend}`,
    ...(growthBytesPerMinute === null ? [] : [`${formatGrowth(growthBytesPerMinute)} lately`]),
    ...(growthBytesPerMessage === null ? [] : [`${formatBytes(growthBytesPerMessage)} a message`]),
    ...(inFlight === null ? [] : [`${inFlight} in flight`]),
    ...(softBytes === null ? [] : [`soft ceiling ${formatBytes(softBytes)}`]),
    ...(hardBytes === null ? [] : [`hard ceiling ${formatBytes(hardBytes)}`]),
  ];
  return [rates.join(', ')];
};

export const overheadText = ({ overhead, seconds }: Diagnosis): string => {
  const perf = overhead.perfSamples === null ? '' : `; perf took ${overhead.perfSamples} samples`;
  return `${overhead.readings} readings in ${overhead.readMs} ms of ${seconds} s; the two of its mappings held its memory map for ${overhead.smapsMs} ms at most${perf}; ${overhead.ownCpuMs} ms of our own processor time`;
};
