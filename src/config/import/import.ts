/** supervisord.conf → workers.yaml: what `ackwarden import` does. Reads files and writes none. */
import { resolve } from 'node:path';
import type { Environment } from '../interpolate.ts';
import { readDaemon } from './daemon.ts';
import type { Daemon } from './daemon.ts';
import type { Document } from './draft.ts';
import { emit } from './emit.ts';
import { factorDefaults } from './factor.ts';
import { readFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { mapGroups } from './map-groups.ts';
import { mapListeners } from './map-listeners.ts';
import { mapProgram } from './map-program.ts';
import type { Mapping } from './fields.ts';
import { Markers } from './markers.ts';
import { readFiles } from './read-files.ts';
import { Report } from './report.ts';
import type { Remark } from './report.ts';
import { saySections } from './say-sections.ts';
import { reportSwallowed } from './unknown.ts';
import { applyNames } from './worker-names.ts';
import { REAL, inheritedNames } from './world.ts';
import type { World } from './world.ts';

export interface ImportOptions {
  /** As the user named them. */
  files: readonly string[];
  cwd: string;
  env: Environment;
  hostName: string;
  /** Workers keep the names of their processes. */
  applyNames: boolean;
}

export interface Imported {
  /** Null: there are errors. */
  yaml: string | null;
  remarks: readonly Remark[];
  programs: number;
  groups: number;
}

function readWorld({ files, cwd, env, hostName }: ImportOptions, report: Report): World {
  const unmarked = { env, markers: new Markers([]) };
  const { ini, here } = readFiles(files, {
    cwd,
    report,
    namesAt: (at) => new Map([...inheritedNames(unmarked, REAL), ['here', at], ['host_node_name', hostName]]),
  });
  const texts = [...ini.sections.values()].flatMap(({ name, options }) => [
    name,
    ...[...options.values()].map(({ value }) => value),
  ]);
  const lent = [...ini.defaults.values()].map(({ value }) => value);
  const values = Object.values(env).flatMap((value) => value ?? []);
  return {
    ini,
    here,
    hostName,
    env,
    report,
    markers: new Markers([...texts, ...lent, ...values]),
    environment: new Map(),
  };
}

/** Where supervisord starts programs: it changes its directory only when it leaves the foreground, and systemd starts it in /. */
function baseOf({ directory, nodaemon }: Daemon): string | null {
  if (nodaemon) return null;
  return directory === null ? '/' : resolve('/', directory);
}

/** `stopwaitsec (laravel.conf:12): …`; `section`: what need not be said again. */
function commentOf({ place, subject, text }: Remark, section: string): string {
  const key = subject.slice(section.length).trim();
  const where = place === null ? '' : `${place.file}:${place.line}`;
  return `${key === '' ? where : `${key} (${where})`}: ${text}`;
}

/** What was said of a section goes above what became of it, the rest to the top. */
function addComments(
  document: Document,
  sections: readonly { section: string; comments: string[] }[],
  { files, report }: { files: readonly string[]; report: Report },
): void {
  const placed = new Set<Remark>();
  for (const { section, comments } of sections) {
    const subject = `[${section}]`;
    for (const remark of report.remarks) {
      if (placed.has(remark) || !(remark.subject === subject || remark.subject.startsWith(`${subject} `))) continue;
      placed.add(remark);
      comments.push(commentOf(remark, subject));
    }
  }
  document.comments.push(
    `Made by \`ackwarden import\` from ${files.join(', ')}; \`ackwarden check\` prints what is in force.`,
  );
  for (const remark of report.remarks) {
    if (!placed.has(remark)) document.comments.push(`- ${commentOf(remark, '')}`);
  }
}

function write(
  fleet: Fleet,
  mapping: Mapping,
  { files, applyNames: keepNames }: ImportOptions,
): Omit<Imported, 'remarks'> {
  const { world } = mapping;
  const programs = fleet.programs.flatMap((unit) => mapProgram(unit, mapping));
  const groups = mapGroups(fleet, programs, mapping);
  if (keepNames) applyNames(programs);
  const listeners = mapListeners(fleet.listeners, programs, mapping);
  const eventListeners = listeners.map(({ name, fields }) => ({ name, fields, comments: [] as string[] }));
  const document: Document = {
    comments: [],
    defaults: new Map(),
    groups,
    programs: programs.map(({ draft }) => draft),
    eventListeners,
  };
  const sections = [
    ...programs.map(({ slice, draft }) => ({ section: slice.unit.section.name, comments: draft.comments })),
    ...eventListeners.map(({ comments }, at) => ({ section: listeners[at]?.unit.section.name ?? '', comments })),
  ];
  addComments(document, sections, { files, report: world.report });
  factorDefaults(document);
  return { yaml: emit(document), programs: programs.length, groups: groups.size };
}

/** Reads the files and all they include. */
export function importFiles(options: ImportOptions): Imported {
  const report = new Report();
  const world = readWorld(options, report);
  const failed = (): Imported => ({ yaml: null, remarks: report.remarks, programs: 0, groups: 0 });
  if (report.hasErrors) return failed();
  const daemon = readDaemon(world);
  const fleet = readFleet(world);
  reportSwallowed(world.ini, report);
  saySections(world);
  if (!report.hasErrors && fleet.programs.length === 0) {
    report.error(null, '', `${options.files.join(', ')}: found no program, expected a [program:NAME] section`);
  }
  if (report.hasErrors) return failed();
  const written = write(fleet, { world, daemon, base: baseOf(daemon), taken: new Set() }, options);
  return { ...written, remarks: report.remarks };
}
