/** Who is held responsible for native growth: what perf saw touch new pages, or what an advisory says of a loaded version. Pure. */
import { isUnconfirmed } from '../advisory-match.ts';
import { extensionOf } from '../extension-files.ts';
import type { AdvisoryMatch, DiagnosisEvidence, FaultsOf } from '../types.ts';

const PAGE_BYTES = 4096;
/** Of the growth so much must have been touched by one object to name it: perf sees a part of the window only, on a crowded host a small one. */
const NAMING_SHARE = 0.05;

export interface Suspect {
  /** Extension, or file name of a library that no extension called. */
  module: string;
  isExtension: boolean;
  /** The library that the extension called, by file name; null: itself. */
  library: string | null;
  /** Of the new pages that PHP itself did not touch, 0…1; null: perf did not see it. */
  share: number | null;
}

/** PHP's own program or library: its faults are those of its heap. */
export const isPhpItself = ({ object, path }: FaultsOf, executable: string | null): boolean =>
  path === executable || /^(?:lib)?php[\d.]*(?:-\w+)*(?:\.so[\d.]*)?$/.test(object);

/** The object that touched most new pages outside of PHP itself, where they are enough to matter. */
export const suspectOf = (evidence: DiagnosisEvidence, nativeBytes: number): Suspect | null => {
  const { faults, process } = evidence;
  const others = faults.objects.filter((each) => !isPhpItself(each, process.executable) && !each.path.startsWith('['));
  const [first] = others;
  if (first === undefined || first.faults * PAGE_BYTES < NAMING_SHARE * nativeBytes) return null;
  const sum = others.reduce((all, each) => all + each.faults, 0);
  const { extension, object, path } = first;
  const module = extension === null ? object : extensionOf(extension);
  const library = extension === null || extension === path ? null : object;
  return { module, isExtension: extension !== null, library, share: first.faults / sum };
};

/** Advisories that fit a growth of this kind: those whose version is known first, of these the confirmed ones. */
export const fitting = (evidence: DiagnosisEvidence, kind: 'zend' | 'native' | 'helper'): AdvisoryMatch[] =>
  evidence.advisories
    .filter(({ advisory }) => {
      if (kind === 'helper') return advisory.helper !== null;
      return advisory.helper === null && advisory.zend !== (kind === 'zend' ? 'no' : 'yes');
    })
    .toSorted((a, b) => certainty(b) - certainty(a));

const certainty = ({ advisory, version }: AdvisoryMatch): number =>
  (version === null ? 0 : 2) + (isUnconfirmed(advisory) ? 0 : 1);
