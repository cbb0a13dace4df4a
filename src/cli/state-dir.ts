/**
 * The `stateDir` of a workers.yaml, without reading the rest of it: a client command has 50 ms. The yaml package is loaded only
 * where a scan of the lines cannot be sure.
 */
import { interpolate } from '../config/interpolate.ts';
import type { Environment } from '../config/interpolate.ts';
import { UsageError } from './context.ts';

/** Characters that begin something other than a plain scalar (YAML 1.2, section 5.3), or an empty value. */
const NOT_PLAIN = /^(?:$|[&*!|>'"%@`{[#?-])/;
const SIMPLE_QUOTED = /^(?:'([^']*)'|"([^"\\]*)")\s*(?:#.*)?$/;

type Scan = { kind: 'absent' } | { kind: 'plain'; value: string } | { kind: 'unsure' };

/** What the lines say about a top-level `stateDir`. */
export function scanStateDir(text: string): Scan {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const firstMeaningful = lines.find((line) => !/^\s*(?:#|$|---|%)/.test(line)) ?? '';
  if (/^\s*[{"'?&!]/.test(firstMeaningful)) return { kind: 'unsure' };
  const index = lines.findIndex((line) => /^["']?stateDir["']?\s*:/.test(line));
  if (index === -1) return { kind: 'absent' };
  const value = /^stateDir\s*:(?:\s+(.*))?$/.exec(lines[index] ?? '');
  if (value === null) return { kind: 'unsure' };
  const raw = (value[1] ?? '').trim();
  const quoted = SIMPLE_QUOTED.exec(raw);
  if (quoted !== null) return { kind: 'plain', value: quoted[1] ?? quoted[2] ?? '' };
  // An indented next line continues a plain scalar.
  if (NOT_PLAIN.test(raw) || /^\s+[^\s#]/.test(lines[index + 1] ?? '')) return { kind: 'unsure' };
  return { kind: 'plain', value: raw.replace(/\s+#.*$/, '') };
}

/** Variables filled in. Throws UsageError where one is missing. */
export function interpolateStateDir(value: string, env: Environment, file: string): string {
  const { text, faults } = interpolate(value, env);
  const [fault] = faults;
  if (fault === undefined) return text;
  throw new UsageError(`${file}: stateDir: found ${fault.found}; expected ${fault.expected}; or give --socket PATH`);
}

async function parseStateDir(text: string, file: string): Promise<string | null> {
  const { isAlias, isScalar, parseDocument } = await import('./yaml-lazily.ts');
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new UsageError(
      `${file}: cannot be read as YAML (${problem.message.split('\n')[0] ?? ''}); run \`ackwarden check\``,
    );
  }
  const written = document.get('stateDir', true);
  const node: unknown = isAlias(written) ? written.resolve(document) : written;
  const value: unknown = isScalar(node) ? node.value : node;
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  throw new UsageError(`${file}: stateDir is not a path but ${JSON.stringify(value)}; run \`ackwarden check\``);
}

/** The `stateDir` as written, variables filled in; null where the file does not set it. */
export async function stateDirIn(text: string, file: string, env: Environment): Promise<string | null> {
  const scan = scanStateDir(text);
  if (scan.kind === 'absent') return null;
  const raw = scan.kind === 'plain' ? scan.value : await parseStateDir(text, file);
  return raw === null ? null : interpolateStateDir(raw, env, file);
}
