/** Versions of PHP extensions and ranges of them. Ordered as PHP's own version_compare() does it: dev < alpha < beta < RC < release. */

const RANKS: Record<string, number> = { dev: 0, alpha: 1, a: 1, beta: 2, b: 2, rc: 3, pl: 5, p: 5 };
/** A part that is missing counts as the release, so 1.0RC1 < 1.0 < 1.0.1. */
const RELEASE = 4;

type Part = { rank: number; value: number };

/** `1.0.0beta1` → 1, 0, 0, beta, 1. What follows a `+` or a `~` is how it was packed. */
const partsOf = (version: string): Part[] =>
  (version.toLowerCase().split(/[+~]/)[0] ?? '').match(/\d+|[a-z]+/g)?.map(partOf) ?? [];

const partOf = (text: string): Part =>
  /^\d/.test(text) ? { rank: RELEASE, value: Number(text) + 1 } : { rank: RANKS[text] ?? 0, value: 0 };

const MISSING: Part = { rank: RELEASE, value: 0 };

/** Below 0: `a` is older. */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one, other] = [left[at] ?? MISSING, right[at] ?? MISSING];
    // 1.0 and 1.0.0 are the same version.
    if (isZero(one) && isZero(other)) continue;
    if (one.rank !== other.rank) return one.rank - other.rank;
    if (one.value !== other.value) return one.value - other.value;
  }
  return 0;
};

const isZero = ({ rank, value }: Part): boolean => rank === RELEASE && value <= 1;

const COMPARATOR = /^(>=|<=|>|<|=)?(\d[\w.+~-]*)$/;

const HOLDS: Record<string, (order: number) => boolean> = {
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '<': (order) => order < 0,
  '=': (order) => order === 0,
};

/** Whether it is a range that `inRange` understands: `*`, or comparators, all of which must hold, alternatives divided by `||`. */
export const isRange = (range: string): boolean =>
  range === '*' ||
  range.split('||').every(
    (part) =>
      part.trim() !== '' &&
      part
        .trim()
        .split(/\s+/)
        .every((each) => COMPARATOR.test(each)),
  );

/** `>=9.0.2 <9.7.0 || =10.1`. */
export const inRange = (version: string, range: string): boolean =>
  range === '*' ||
  range.split('||').some((part) =>
    part
      .trim()
      .split(/\s+/)
      .every((each) => {
        const [, sign = '=', bound = ''] = COMPARATOR.exec(each) ?? [];
        return HOLDS[sign]?.(compareVersions(version, bound)) ?? false;
      }),
  );
