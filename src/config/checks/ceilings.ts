/** soft ≤ hard < kill, and high ≤ max: judged after merging, because `defaults` may hold one and the program the other. */
import type { Fault, Path } from '../problem.ts';
import { formatSize } from '../units.ts';
import { faultAt } from './checking.ts';
import type { Checked, CheckedProgram } from './checking.ts';

interface Bound {
  key: Path;
  bytes: number | null;
}

/** `upper` must not be below `lower` (with `strict`, must be above it). */
function judge(
  program: CheckedProgram,
  places: Checked['places'],
  pair: { lower: Bound; upper: Bound; strict: boolean },
): Fault[] {
  const { lower, upper, strict } = pair;
  if (lower.bytes === null || upper.bytes === null) return [];
  if (strict ? upper.bytes > lower.bytes : upper.bytes >= lower.bytes) return [];
  const limit = `${lower.key.join('.')} (${formatSize(lower.bytes)}, line ${program.written.origin(lower.key).line})`;
  const expected = `${strict ? 'more than' : 'at least'} ${limit}`;
  // The program's own key is the one to change; among equals, the upper one.
  const { written } = program;
  if (written.isOwn(upper.key) || !written.isOwn(lower.key)) {
    return [faultAt(program, places, upper.key, { found: formatSize(upper.bytes), expected })];
  }
  const above = `${upper.key.join('.')} (${formatSize(upper.bytes)}, line ${written.origin(upper.key).line})`;
  const most = `${strict ? 'less than' : 'at most'} ${above}`;
  return [faultAt(program, places, lower.key, { found: formatSize(lower.bytes), expected: most })];
}

/** Faults of all programs. */
export function checkCeilings({ programs, places }: Checked): Fault[] {
  return [...programs.values()].flatMap((program) => {
    const { memory, cgroup } = program.values;
    const soft = { key: ['memory', 'soft'], bytes: memory.soft };
    const hard = { key: ['memory', 'hard'], bytes: memory.hard };
    const kill = { key: ['memory', 'kill'], bytes: memory.kill };
    const high = { key: ['cgroup', 'high'], bytes: cgroup?.high ?? null };
    const max = { key: ['cgroup', 'max'], bytes: cgroup?.max ?? null };
    return [
      ...judge(program, places, { lower: soft, upper: hard, strict: false }),
      // With a hard ceiling in between, soft against kill follows from the other two.
      ...judge(program, places, { lower: hard.bytes === null ? soft : hard, upper: kill, strict: true }),
      ...judge(program, places, { lower: high, upper: max, strict: false }),
    ];
  });
}
