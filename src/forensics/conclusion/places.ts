/** Where memory grew in the window, and by how much. Pure. */
import { helperOf, ownOf, seriesOf, sharedOf, zendOf } from '../figures.ts';
import type { Series } from '../figures.ts';
import type { DiagnosisEvidence, MemoryByKind, Tick } from '../types.ts';

export interface Places {
  /** Anonymous memory and swap of the process itself; null: too few readings. */
  own: Series | null;
  zend: Series | null;
  shared: Series | null;
  helper: Series | null;
  ownBytes: number;
  /** Null: the heap cannot be read. */
  zendBytes: number | null;
  nativeBytes: number | null;
  helperBytes: number;
  sharedBytes: number;
  /** Of files: mapped, not taken. */
  fileBytes: number;
}

export const placesOf = (evidence: DiagnosisEvidence): Places => {
  const { timeline, memory } = evidence;
  const own = seriesOf(timeline, ownOf);
  const zend = seriesOf(timeline, zendOf);
  const shared = seriesOf(timeline, sharedOf);
  const helper = seriesOf(timeline, helperOf);
  const ownBytes = grown(own);
  const zendBytes = zend === null ? null : Math.max(grown(zend), Math.min(ownBytes, realClimb(timeline)));
  return {
    own,
    zend,
    shared,
    helper,
    ownBytes,
    zendBytes,
    nativeBytes: nativeBytes(ownBytes, zendBytes, memory),
    helperBytes: grown(helper),
    sharedBytes: grown(shared),
    fileBytes: between(memory, ['file']) ?? 0,
  };
};

const grown = (series: Series | null): number => Math.max(0, series?.figures.climbBytes ?? 0);

/** Heap that PHP took and holds, although a job has given it back within it. */
const realClimb = (ticks: readonly Tick[]): number => {
  const [first, last] = [ticks[0]?.zendRealBytes ?? null, ticks.at(-1)?.zendRealBytes ?? null];
  return first === null || last === null ? 0 : Math.max(0, last - first);
};

/** Without the Zend heap only what malloc takes at the end of the data segment (brk) is surely not PHP's own. */
const nativeBytes = (
  ownBytes: number,
  zendBytes: number | null,
  memory: DiagnosisEvidence['memory'],
): number | null => {
  const brk = between(memory, ['brk']) ?? 0;
  if (zendBytes === null) return brk > 0 && brk >= ownBytes / 2 ? brk : null;
  const toldApart = (memory.before?.zend ?? 0) > 0 && (memory.after?.zend ?? 0) > 0;
  const mapped = toldApart ? between(memory, ['brk', 'anonymous', 'stack']) : null;
  return Math.max(0, mapped ?? ownBytes - zendBytes);
};

const between = (
  { before, after }: DiagnosisEvidence['memory'],
  kinds: readonly (keyof MemoryByKind)[],
): number | null =>
  before === null || after === null ? null : kinds.reduce((sum, kind) => sum + after[kind] - before[kind], 0);
