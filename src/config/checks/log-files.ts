/** Workers may share a log file, whatever their program; it can be kept in one way only, that of whoever started last. */
import { fillTemplate } from '../templates.ts';
import type { Config, LogConfig, NotYetActive, ProgramConfig } from '../types.ts';
import { formatSize } from '../units.ts';

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

type LineOf = (path: string[]) => number;

/** Each use of a file whose settings are not those of the first. */
export function findLogConflicts(config: Config, lineOf: LineOf): NotYetActive[] {
  const first = new Map<string, Use>();
  const found: NotYetActive[] = [];
  for (const use of Object.values(config.programs).flatMap(usesOf)) {
    const others = new Set<Use>();
    for (const file of filesOf(use)) {
      // A device is not kept at all.
      if (file.startsWith('/dev/')) continue;
      const other = first.get(file) ?? use;
      first.set(file, other);
      if (other === use || others.has(other)) continue;
      others.add(other);
      found.push(...conflictsOf(use, other, { file, lineOf }));
    }
  }
  return found;
}

function conflictsOf(use: Use, other: Use, { file, lineOf }: { file: string; lineOf: LineOf }): NotYetActive[] {
  return KEPT.flatMap(({ key, shown }) => {
    if (shown(use.log) === shown(other.log)) return [];
    const [mine, theirs] = [writtenAt(use, key, lineOf), writtenAt(other, key, lineOf)];
    const both = `${shown(use.log)}, but ${shown(other.log)} by ${theirs.key} (line ${theirs.line})`;
    const text = `${mine.key}: ${file} has ${key} ${both}; whichever starts last decides. Give both the same, or another path.`;
    return [{ path: mine.key, line: mine.line, text }];
  });
}

/** Where the key stands, else the path that makes it matter. */
function writtenAt({ program, stream }: Use, key: string, lineOf: LineOf): { key: string; line: number } {
  const leaf = `${stream}.${key}`;
  const path = ['programs', program.name, stream, key];
  return program.origins[leaf] ?? { key: path.join('.'), line: lineOf(path) };
}
