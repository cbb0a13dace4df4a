/** supervisord.conf and what it includes → one set of sections. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { quote } from '../problem.ts';
import { readTextFile } from '../read-file.ts';
import { glob } from './glob.ts';
import { emptyIni, readIni } from './ini.ts';
import type { Ini } from './ini.ts';
import type { Names } from './percent.ts';
import { optionsOf } from './options.ts';
import { SECTION_KEYS } from './keys.ts';
import { splitSpace } from './python-text.ts';
import { sayUnknownKeys } from './unknown.ts';
import type { Report } from './report.ts';

const HERE = '%(here)s';

/** Adds one file; the result says why it could not be read. */
function addFile(ini: Ini, file: { shown: string; path: string }, report: Report): string | null {
  const content = readTextFile(file.path, { keepMark: true });
  if (!content.ok) return content.found;
  for (const { place, found } of readIni(ini, content.text, file.shown)) {
    const said = found.startsWith('\ufeff')
      ? 'found a byte order mark, at which supervisord gives up: save the file as UTF-8 without one'
      : `found ${quote(found)}, expected [section], key=value, or a continuation that is indented`;
    report.error(place, '', said);
  }
  return null;
}

/** supervisord writes the directory of a file into its sections as text, also what [DEFAULT] lends them. */
function writeHere({ sections, defaults }: Ini, here: string): void {
  for (const { options } of sections.values()) {
    for (const [name, option] of new Map([...defaults, ...options])) {
      if (option.value.includes(HERE))
        options.set(name, { ...option, value: option.value.replaceAll(HERE, () => here) });
    }
  }
}

interface Including {
  ini: Ini;
  /** As named by the user. */
  main: string;
  here: string;
  names: Names;
  report: Report;
}

function included({ main, here }: Including, pattern: string): { shown: string; path: string }[] {
  const shownBase = dirname(main);
  return glob(isAbsolute(pattern) ? pattern : join(here, pattern)).map((path) => ({
    path,
    shown: path.startsWith(`${here}/`) && !isAbsolute(pattern) ? join(shownBase, path.slice(here.length + 1)) : path,
  }));
}

function readIncluded(including: Including): void {
  const { ini, here, names, report } = including;
  const section = ini.sections.get('include');
  if (section === undefined) return;
  writeHere(ini, here);
  const options = optionsOf(section, ini.defaults, report);
  const files = options.option('files');
  if (files === null) {
    report.error(section.place, '[include]', 'has no files=');
    return;
  }
  sayUnknownKeys(section, SECTION_KEYS['include'] ?? [], report);
  for (const pattern of splitSpace(options.expanded('files', names) ?? '')) {
    const found = included(including, pattern);
    if (found.length === 0) report.warn(files.place, '[include] files', `no file matches ${JSON.stringify(pattern)}`);
    for (const file of found) {
      const problem = addFile(ini, file, report);
      if (problem === null) writeHere(ini, resolve(dirname(file.path)));
      else
        report.warn(files.place, '[include] files', `${file.shown} is ${problem}; supervisord skips it without a word`);
    }
  }
}

/**
 * @param files as the user named them: a main file whose includes are followed, or files of a conf.d.
 * @param namesAt what `%(…)s` may name in [include] of a file in this directory.
 */
export function readFiles(
  files: readonly string[],
  { cwd, namesAt, report }: { cwd: string; namesAt: (here: string) => Names; report: Report },
): { ini: Ini; here: string } {
  const ini = emptyIni();
  const first = resolve(cwd, dirname(files[0] ?? '.'));
  for (const main of files) {
    const path = resolve(cwd, main);
    const problem = addFile(ini, { shown: main, path }, report);
    if (problem !== null) report.error({ file: main, line: 1 }, '', `found ${problem}, expected a supervisord.conf`);
    const here = dirname(path);
    if (report.hasErrors) continue;
    readIncluded({ ini, main, here, names: namesAt(here), report });
    if (files.length > 1) writeHere(ini, here);
    for (const { name, place } of ini.sections.get('include')?.options.values() ?? []) {
      if (place.file !== main)
        report.warn(place, `[include] ${name}`, 'supervisord ignores it: an included file includes nothing');
    }
    // Only the first [include] counts within one file; another file of the command line has its own.
    ini.sections.delete('include');
  }
  return { ini, here: first };
}
