/** What supervisord swallows: unknown sections and keys, keys written twice, comments that cut a value, [DEFAULT]. */
import { nearest } from '../suggest.ts';
import type { Ini, Option, Section } from './ini.ts';
import { NAMED_SECTIONS, PLAIN_SECTIONS, PLUGIN_SECTIONS, SECTION_KEYS } from './keys.ts';
import type { Report } from './report.ts';

/** `program` of `[program:x]`; null: no section that supervisord reads. */
export function sectionKind({ name }: Section): string | null {
  const colon = name.indexOf(':');
  const kind = colon < 0 ? name : name.slice(0, colon);
  if (colon >= 0 && NAMED_SECTIONS.includes(kind)) return kind;
  // supervisord takes every name that starts so.
  const server = ['inet_http_server', 'unix_http_server'].find((start) => name.startsWith(start));
  if (server !== undefined) return server;
  return PLAIN_SECTIONS.includes(name) ? name : null;
}

/** As it should have been written; null: no idea. */
function sectionMeant(name: string): string | null {
  const [kind = '', ...rest] = name.trim().split(/\s*[:.\s]\s*/);
  const near = nearest(kind, [...NAMED_SECTIONS, ...PLAIN_SECTIONS]);
  if (near === null) return null;
  if (!NAMED_SECTIONS.includes(near)) return `[${near}]`;
  return rest.length === 0 ? `[${near}:NAME]` : `[${near}:${rest.join('-')}]`;
}

function sayUnknownSection(section: Section, report: Report): void {
  const meant = sectionMeant(section.name);
  const suggestion = meant === null ? '' : `; did you mean ${meant}?`;
  report.warn(
    section.place,
    `[${section.name}]`,
    `supervisord ignores this section, and so does the import${suggestion}`,
  );
}

/** Keys of a section that supervisord does not know. */
export function sayUnknownKeys(section: Section, keys: readonly string[], report: Report): void {
  for (const { name, place } of section.options.values()) {
    if (keys.includes(name)) continue;
    const meant = nearest(name, keys);
    const said = `supervisord ignores this key without a word, and it is not imported${meant === null ? '' : `; did you mean ${meant}?`}`;
    report.warn(place, `[${section.name}] ${name}`, said);
  }
}

function sayCut(section: string, { name, place, cutInQuotes }: Option, report: Report): void {
  if (!cutInQuotes) return;
  const said =
    'a ; or # behind a blank begins a comment also within quotes: what follows it has never reached supervisord';
  report.warn(place, `[${section}] ${name}`, said);
}

function sayDefaults({ defaults }: Ini, report: Report): void {
  for (const { name, place } of defaults.values()) {
    report.note(place, `[DEFAULT] ${name}`, 'shows through in every section, and is imported so');
  }
}

/** Reports all of it. */
export function reportSwallowed(ini: Ini, report: Report): void {
  for (const section of ini.sections.values()) {
    const kind = sectionKind(section);
    const keys = SECTION_KEYS[kind ?? ''];
    if (kind === null) sayUnknownSection(section, report);
    else if (keys !== undefined) sayUnknownKeys(section, keys, report);
    else if (!PLUGIN_SECTIONS.includes(kind)) sayUnknownSection(section, report);
    for (const option of section.options.values()) sayCut(section.name, option, report);
  }
  for (const { section, option, by } of ini.replaced) {
    report.note(
      by,
      `[${section}] ${option.name}`,
      `replaces the value of ${option.place.file}:${option.place.line}, as in supervisord`,
    );
  }
  sayDefaults(ini, report);
}
