/** Options of one section, expanded and read; what is wrong with them goes to the report. */
import type { Parsed } from '../parsed.ts';
import { quote } from '../problem.ts';
import { nearest } from '../suggest.ts';
import type { Option, Section } from './ini.ts';
import { percentFormat } from './percent.ts';
import type { Formatted, Names } from './percent.ts';
import type { Report, Severity } from './report.ts';

export interface Options {
  section: Section;
  /** As written, also from [DEFAULT]; null: not there. */
  option: (name: string) => Option | null;
  /** With `%(…)s` filled in; null: not there, or at fault. `times`: supervisord expands some values twice. */
  expanded: (name: string, names: Names, times?: number) => string | null;
  /** Expanded: a path or a name, which workers.yaml takes on one line only. */
  line: (name: string, names: Names, times?: number) => string | null;
  /** Expanded and read; `fallback` where it is not there or at fault. */
  read: <T>(name: string, names: Names, kind: { read: (text: string) => Parsed<T>; fallback: T }) => T;
  /** Says something about an option, or about the section where it is not there. */
  say: (severity: Severity, name: string, said: string) => void;
}

function unknownName(name: string, names: Names): string {
  const variable = /^ENV_(.+)$/.exec(name)?.[1];
  const known = [...names.keys()];
  const near = nearest(
    name,
    known.filter((other) => other.startsWith('ENV_') === (variable !== undefined)),
  );
  const meant = near === null ? '' : `; did you mean %(${near})s?`;
  if (variable !== undefined) {
    return `%(${name})s needs ${variable} in the environment, and this import has none${meant === '' ? `: run it as supervisord runs, or as \`env ${variable}=… ackwarden import …\`` : meant}`;
  }
  const shown = known.filter((other) => !other.startsWith('ENV_')).toSorted();
  return `%(${name})s is no name that supervisord knows here (${shown.join(', ')}, ENV_…)${meant}`;
}

function sentence(fault: (Formatted & { ok: false })['fault'], names: Names): string {
  return 'unknown' in fault ? unknownName(fault.unknown, names) : fault.said;
}

export function optionsOf(section: Section, defaults: ReadonlyMap<string, Option>, report: Report): Options {
  const option = (name: string): Option | null => section.options.get(name) ?? defaults.get(name) ?? null;
  const say = (severity: Severity, name: string, said: string): void =>
    report.add({
      severity,
      place: option(name)?.place ?? section.place,
      subject: `[${section.name}] ${name}`.trim(),
      text: said,
    });
  const expandOnce = (name: string, text: string, names: Names): string | null => {
    const formatted = percentFormat(text, names);
    if (!formatted.ok) {
      say('error', name, sentence(formatted.fault, names));
      return null;
    }
    for (const source of formatted.bare) {
      const said = `supervisord replaces ${source} by all of its variables, secrets too; written here as ${source}, which is what %${source} means there`;
      say('warning', name, said);
    }
    return formatted.text;
  };
  const expanded = (name: string, names: Names, times = 1): string | null => {
    let text = option(name)?.value ?? null;
    for (let round = 0; round < times && text !== null; round++) text = expandOnce(name, text, names);
    return text;
  };
  return {
    section,
    option,
    expanded,
    say,
    line: (name, names, times) => {
      const text = expanded(name, names, times);
      if (text !== null && /\p{Cc}/u.test(text)) say('error', name, 'expected one line without control characters');
      return text;
    },
    read: (name, names, { read, fallback }) => {
      const text = expanded(name, names);
      if (text === null) return fallback;
      const parsed = read(text);
      if (parsed.ok) return parsed.value;
      const meant = parsed.suggestion === null ? '' : `; did you mean ${parsed.suggestion}?`;
      say('error', name, `found ${quote(text)}, expected ${parsed.expected}${meant}`);
      return fallback;
    },
  };
}
