/** A program of supervisord, as supervisord itself would run it; what it cannot run goes to the report. */
import type { Section } from './ini.ts';
import type { Options } from './options.ts';
import { readProcess } from './process.ts';
import type { Process } from './process.ts';
import { strip } from './python-text.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { readInteger, readName } from './values.ts';
import { REAL, SILENT, optionsIn, processNames, sectionNames } from './world.ts';
import type { Form, World } from './world.ts';

export interface Unit {
  section: Section;
  options: Options;
  /** Of supervisord: behind the colon of the section. */
  name: string;
  group: string;
  settings: Settings;
  /** Indexes of its processes, and what supervisord makes of each. */
  processes: { index: number; process: Process }[];
  /** The process with this index in another form. */
  inForm: (form: Form, index: number) => Process;
}

/** More workers than any program of workers.yaml may have. */
const MOST_PROCESSES = 10_000;

function checkUnit(options: Options, { numprocs, stopasgroup, killasgroup }: Settings): void {
  if (options.option('command') === null) options.say('error', 'command', 'is missing: each program needs one');
  const name = options.option('process_name')?.value ?? '%(program_name)s';
  const readable = readName(name);
  if (!readable.ok) options.say('error', 'process_name', `expected ${readable.expected}`);
  if (numprocs > 1 && !name.includes('%(process_num)')) {
    options.say('error', 'process_name', `expected %(process_num)… in it, to tell ${numprocs} processes apart`);
  }
  if (stopasgroup && !killasgroup) options.say('error', 'killasgroup', 'cannot be false while stopasgroup is true');
  if (numprocs > MOST_PROCESSES)
    options.say('warning', 'numprocs', `${numprocs} are more than ackwarden starts: ${MOST_PROCESSES}`);
}

/** `group`: the group that it belongs to; its own name where no [group:x] names it. */
export function readUnit(world: World, section: Section, group: string): Unit {
  const name = strip(section.name.slice(section.name.indexOf(':') + 1));
  const options = optionsIn(world, section);
  const readable = readName(name);
  if (!readable.ok) world.report.error(section.place, `[${section.name}]`, `expected ${readable.expected}`);
  const ofSection = sectionNames(world, REAL, { program: name, group });
  const first = options.read('numprocs_start', ofSection, { read: readInteger, fallback: 0 });
  const declared = options.read('numprocs', ofSection, { read: readInteger, fallback: 1 });
  const count = Math.min(Math.max(declared, 0), MOST_PROCESSES);
  const processIn = (form: Form, index: number, from: Options): Process => {
    const names = processNames(sectionNames(world, form, { program: name, group }), world, form, {
      index,
      count: declared,
    });
    return readProcess(from, names, world.environment.get(form) ?? new Map());
  };
  const settings = readSettings(
    options,
    ofSection,
    processNames(ofSection, world, REAL, { index: first, count: declared }),
  );
  checkUnit(options, settings);
  // Without a process supervisord reads none of these; a program of workers.yaml has them all the same.
  const indexes = Array.from({ length: count }, (_, offset) => first + offset);
  return {
    section,
    options,
    name,
    group,
    settings,
    processes: (count === 0 ? [first] : indexes).map((index) => ({ index, process: processIn(REAL, index, options) })),
    inForm: (form, index) => processIn(form, index, optionsIn(world, section, SILENT())),
  };
}
