/** Workers may share a log file, whatever their program; it can be kept in one way only. */
import type { Fault, Path } from '../problem.ts';
import { fillTemplate } from '../templates.ts';
import type { LogConfig, ProgramConfig } from '../types.ts';
import { formatSize } from '../units.ts';
import { faultAt } from './checking.ts';
import type { Checked } from './checking.ts';

/** What belongs to the file, by its key in workers.yaml. */
const KEPT: readonly { key: string; shown: (log: LogConfig) => string }[] = [
  { key: 'maxSize', shown: (log) => formatSize(log.maxSizeBytes) },
  { key: 'backups', shown: (log) => String(log.backups) },
  { key: 'daily', shown: (log) => String(log.daily) },
  { key: 'compress', shown: (log) => String(log.compress) },
  { key: 'format', shown: (log) => log.format },
];

interface Use {
  program: ProgramConfig;
  stream: 'stdout' | 'stderr';
  log: LogConfig;
}

/** Files of this stream, each once. */
function filesOf({ program, log }: Use): Set<string> {
  const indexes = Array.from({ length: program.workers }, (_, offset) => program.firstIndex + offset);
  const words = indexes.map((index) => ({ program: program.name, worker: `${program.name}-${index}`, index }));
  return new Set(words.map((filled) => fillTemplate(log.path, filled)));
}

function usesOf(program: ProgramConfig): Use[] {
  const uses: Use[] = [{ program, stream: 'stdout', log: program.stdout }];
  if (program.stderr !== 'stdout') uses.push({ program, stream: 'stderr', log: program.stderr });
  return uses;
}

/** Where the stream's file is named, `stdout.path` where that is left out. */
function lineOf(use: Use, { programs, places }: Checked, key: string): number {
  const path: Path = programs.get(use.program.name)?.written.path([use.stream, key]) ?? [];
  return places.near(path).key.line;
}

/** @param configs the same programs with their paths made absolute */
export function checkLogFiles(checked: Checked, configs: ReadonlyMap<string, ProgramConfig>): Fault[] {
  const first = new Map<string, Use>();
  const faults: Fault[] = [];
  for (const use of [...configs.values()].flatMap(usesOf)) {
    const program = checked.programs.get(use.program.name);
    const others = new Set<Use>();
    for (const file of filesOf(use)) {
      // A device is not kept at all.
      if (file.startsWith('/dev/')) continue;
      const other = first.get(file);
      if (other === undefined) first.set(file, use);
      else if (other !== use && !others.has(other) && program !== undefined) {
        others.add(other);
        for (const { key, shown } of KEPT) {
          if (shown(use.log) === shown(other.log)) continue;
          const name = `${other.program.name}.${other.stream}`;
          faults.push(
            faultAt(program, checked.places, [use.stream, key], {
              found: `${shown(use.log)} for ${file}`,
              expected: `${shown(other.log)}, as for programs.${name} (line ${lineOf(other, checked, key)}), which writes the same file; or another path`,
            }),
          );
        }
      }
    }
  }
  return faults;
}
