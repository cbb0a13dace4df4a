/**
 * Reads one file as supervisord does: Python's RawConfigParser(strict=False, inline_comment_prefixes=(';', '#')), with its oddities
 * (docs.python.org, configparser; compared with it in test/unit/config/import/ini.test.ts).
 */
import { indentOf, isSpace, linesOf, strip, stripEnd } from './python-text.ts';

/** Where something was written. */
export interface Place {
  file: string;
  line: number;
}

export interface Option {
  /** Lower case. */
  name: string;
  value: string;
  place: Place;
  /** An inline comment began between quotes: what follows it is lost. */
  cutInQuotes: boolean;
}

export interface Section {
  /** As between the brackets. */
  name: string;
  place: Place;
  options: Map<string, Option>;
}

export interface Ini {
  sections: Map<string, Section>;
  /** Of [DEFAULT]: they show through in every section. */
  defaults: Map<string, Option>;
  /** Options that a later line of the same section replaced. */
  replaced: { section: string; option: Option; by: Place }[];
}

export interface IniFault {
  place: Place;
  found: string;
}

export function emptyIni(): Ini {
  return { sections: new Map(), defaults: new Map(), replaced: [] };
}

/** Where an inline comment begins; null: nowhere. As Python searches: one more occurrence of each sign a round, and the first round that finds any decides. */
function inlineComment(line: string): number | null {
  const at = new Map([
    [';', -1],
    ['#', -1],
  ]);
  let found: number | null = null;
  while (found === null && at.size > 0) {
    for (const [sign, before] of at) {
      const index = line.indexOf(sign, before + 1);
      if (index < 0) at.delete(sign);
      else at.set(sign, index);
      if (index === 0 || (index > 0 && isSpace(line.charAt(index - 1)))) found = Math.min(found ?? index, index);
    }
  }
  return found;
}

function commentStart(line: string): number | null {
  return /^[;#]/.test(strip(line)) ? 0 : inlineComment(line);
}

/** Whether a quote is open at the end: `'…` or `"…`. */
function endsInQuotes(text: string): boolean {
  let open: string | null = null;
  for (const char of text) {
    if (char === open) open = null;
    else if (open === null && (char === '"' || char === "'")) open = char;
  }
  return open !== null;
}

interface Reading {
  ini: Ini;
  file: string;
  section: { name: string; options: Map<string, Option> } | null;
  /** The option that a continuation line belongs to, and its lines so far. */
  option: { target: Option; lines: string[] } | null;
  indent: number;
  open: { target: Option; lines: string[] }[];
}

function openSection(reading: Reading, name: string, place: Place): void {
  reading.option = null;
  if (name === 'DEFAULT') {
    reading.section = { name, options: reading.ini.defaults };
    return;
  }
  const section = reading.ini.sections.get(name) ?? { name, place, options: new Map() };
  reading.ini.sections.set(name, section);
  reading.section = section;
}

function openOption(reading: Reading, line: { text: string; cutInQuotes: boolean; place: Place }): IniFault | null {
  const { text, cutInQuotes, place } = line;
  const at = text.search(/[=:]/);
  const name = stripEnd(text.slice(0, Math.max(0, at))).toLowerCase();
  if (at < 0) return { place, found: text };
  if (name === '') {
    // Nothing can continue a value without a name.
    reading.option = null;
    return { place, found: text };
  }
  const section = reading.section?.options;
  const before = section?.get(name);
  if (before !== undefined) {
    reading.ini.replaced.push({ section: reading.section?.name ?? '', option: before, by: place });
  }
  const target: Option = { name, value: '', place, cutInQuotes };
  reading.option = { target, lines: [strip(text.slice(at + 1))] };
  reading.open.push(reading.option);
  section?.set(name, target);
  return null;
}

function readLine(reading: Reading, line: string, place: Place): IniFault | null {
  const comment = commentStart(line);
  const text = strip(comment === null ? line : line.slice(0, comment));
  if (text === '') {
    // A blank line is part of a value that goes on after it; a comment is not.
    if (comment === null) reading.option?.lines.push('');
    return null;
  }
  const indent = indentOf(line);
  const cutInQuotes = comment !== null && endsInQuotes(text);
  if (reading.option !== null && indent > reading.indent) {
    reading.option.lines.push(text);
    reading.option.target.cutInQuotes ||= cutInQuotes;
    return null;
  }
  reading.indent = indent;
  const end = text.lastIndexOf(']');
  if (text.startsWith('[') && end > 1) {
    openSection(reading, text.slice(1, end), place);
    return null;
  }
  return openOption(reading, { text, cutInQuotes, place });
}

/** Adds a file to what was read before; duplicate sections merge, the later of duplicate options holds. Faulty lines are returned. */
export function readIni(ini: Ini, text: string, file: string): IniFault[] {
  const reading: Reading = { ini, file, section: null, option: null, indent: 0, open: [] };
  const faults: IniFault[] = [];
  for (const [index, line] of linesOf(text).entries()) {
    const fault = readLine(reading, line, { file, line: index + 1 });
    if (fault !== null) faults.push(fault);
    // Python ends here too: without a section there is no place for anything.
    const isHomeless = reading.section === null && (fault !== null || reading.option !== null);
    if (isHomeless) return [{ place: { file, line: index + 1 }, found: line }];
  }
  for (const { target, lines } of reading.open) target.value = stripEnd(lines.join('\n'));
  return faults;
}
