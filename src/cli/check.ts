/** `ackwarden check`: validates workers.yaml, and prints the effective configuration or every problem. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { effectiveTree } from '../config/effective.ts';
import { loadConfig } from '../config/load.ts';
import { maskConfig } from '../config/mask.ts';
import type { LoadResult, NotYetActive } from '../config/types.ts';
import { yamlText } from '../config/yaml-text.ts';
import { painter } from './colour.ts';
import type { Context, Output } from './context.ts';
import { stripControls } from './plain.ts';
import { lifeWarnings } from './life-warnings.ts';
import { phpWarnings } from './php-warnings.ts';
import { problemText } from './problem-text.ts';
import { readIfThere, redirectWarnings } from './redirect/warnings.ts';
import { findConfiguration } from './target.ts';
import { wrap } from './width.ts';

export interface CheckOptions {
  /** `-c FILE` as given. */
  file: string | null;
  json: boolean;
}

type CheckContext = Pick<Context, 'stdout' | 'stderr' | 'env' | 'cwd' | 'uid'>;

/** The path as the user named it where that leads to the file, so that problems read `workers.yaml:3:5`. */
function named(file: string | null, cwd: string): string {
  const path = findConfiguration(file, cwd) ?? resolve(cwd, 'workers.yaml');
  const asGiven = file ?? 'workers.yaml';
  return resolve(asGiven) === path ? asGiven : path;
}

/** Loads the configuration that `-c FILE` means, for this user. */
export function loadNamed(file: string | null, { env, cwd, uid }: Pick<Context, 'env' | 'cwd' | 'uid'>): LoadResult {
  return loadConfig(named(file, cwd), env, { uid, home: env['HOME'] ?? homedir() });
}

/** What is valid, and will probably not work. */
async function warningsOf(result: LoadResult, env: Context['env']): Promise<NotYetActive[]> {
  if (!result.ok) return [];
  const { config } = result;
  const found = [
    ...redirectWarnings(config, readIfThere),
    ...lifeWarnings(config, env['PATH']),
    ...(await phpWarnings(config, env)),
  ];
  return found.map(({ path, text, consequence, remedy }) => ({
    path: path.join('.'),
    line: result.lineOf(path),
    text: `${path.join('.')}: ${text}: ${consequence}; ${remedy}.`,
  }));
}

/** `{ ok, problems, config, notYetActive, warnings }`, secrets masked. */
export async function checkJson(result: LoadResult, env: Context['env']): Promise<string> {
  const { notYetActive } = result;
  const outcome = result.ok
    ? { ok: true, problems: [], config: maskConfig(result.config), notYetActive }
    : { ok: false, problems: result.problems, config: null, notYetActive };
  const all = { ...outcome, warnings: await warningsOf(result, env) };
  return `${JSON.stringify(all, null, 2)}\n`;
}

/** One yellow paragraph each: what was written and does nothing yet (`run` says it too), or will probably not work. */
export function writeNotYetActive(rows: readonly NotYetActive[], file: string, stderr: Output): void {
  const { columns, colour } = stderr.terminal;
  const paint = painter(colour);
  for (const { line, text } of rows) {
    const [first = '', ...more] = wrap(stripControls(`${file}:${line}: ${text}`), columns - 2);
    stderr.write(`${[first, ...more.map((rest) => `  ${rest}`)].map((row) => paint('yellow', row)).join('\n')}\n`);
  }
}

/** Prints to stdout what is in force, to stderr what is wrong; resolves with the exit code: 0 valid, 2 not. */
export async function check(options: CheckOptions, { stdout, stderr, ...where }: CheckContext): Promise<number> {
  const result = loadNamed(options.file, where);
  const exitCode = result.ok ? 0 : 2;
  if (options.json) {
    stdout.write(await checkJson(result, where.env));
    return exitCode;
  }
  const { columns, colour } = stderr.terminal;
  if (result.ok)
    stdout.write(
      `# ${result.config.file} is valid; this is in force:\n${yamlText(effectiveTree(maskConfig(result.config)))}`,
    );
  else stderr.write(problemText(result.problems, columns, painter(colour)));
  const rows = [...result.notYetActive, ...(await warningsOf(result, where.env))];
  writeNotYetActive(rows, named(options.file, where.cwd), stderr);
  return exitCode;
}
