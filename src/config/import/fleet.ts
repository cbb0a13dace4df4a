/** Programs, groups and event listeners of a supervisord.conf. */
import { SUBSCRIBABLE } from '../event-names.ts';
import { quote } from '../problem.ts';
import { nearest } from '../suggest.ts';
import type { Section } from './ini.ts';
import { strip } from './python-text.ts';
import { readUnit } from './unit.ts';
import type { Unit } from './unit.ts';
import { sectionKind } from './unknown.ts';
import { readBoolean, readInteger, readList, readName } from './values.ts';
import type { Names } from './percent.ts';
import { REAL, globalNames, optionsIn } from './world.ts';
import type { World } from './world.ts';

export interface Group {
  section: Section;
  name: string;
  priority: number;
  units: Unit[];
}

export interface Fleet {
  groups: Group[];
  /** Every program once for each group that names it, else once; in the order of the file. */
  programs: Unit[];
  listeners: Unit[];
}

/** Its members' sections, those of other kinds left out. */
function membersOf(world: World, section: Section): Section[] {
  const options = optionsIn(world, section);
  const names = readList(options.expanded('programs', globalNames(world, REAL)) ?? '');
  const known = [...world.ini.sections.keys()].flatMap((key) => /^(?:fcgi-)?program:([^]*)$/.exec(key)?.[1] ?? []);
  return [...new Set(names)].flatMap((name) => {
    const found = world.ini.sections.get(`program:${name}`);
    const isFcgi = world.ini.sections.has(`fcgi-program:${name}`);
    if (found !== undefined && !isFcgi) return [found];
    const meant = nearest(name, known);
    if (found !== undefined) options.say('error', 'programs', `${quote(name)} is both a program and a fcgi-program`);
    else if (isFcgi) options.say('warning', 'programs', `${name} is a fcgi-program, which is not imported`);
    else
      options.say(
        'error',
        'programs',
        `there is no [program:${name}]${meant === null ? '' : `; did you mean ${meant}?`}`,
      );
    return [];
  });
}

function readGroup(world: World, section: Section): Group {
  const options = optionsIn(world, section);
  const name = strip(section.name.slice('group:'.length));
  const readable = readName(name);
  if (!readable.ok) world.report.error(section.place, `[${section.name}]`, `expected ${readable.expected}`);
  const priority = options.read('priority', globalNames(world, REAL), { read: readInteger, fallback: 999 });
  return { section, name, priority, units: membersOf(world, section).map((member) => readUnit(world, member, name)) };
}

/** What only an event listener has. */
function checkListener({ options }: Unit, names: Names): void {
  const events = readList(options.expanded('events', names) ?? '').map((name) => name.toUpperCase());
  if (events.length === 0) options.say('error', 'events', 'is missing: a listener needs events');
  for (const event of events.filter((name) => !SUBSCRIBABLE.includes(name))) {
    const meant = nearest(event, SUBSCRIBABLE);
    options.say(
      'error',
      'events',
      `found ${quote(event)}, expected events${meant === null ? '' : `; did you mean ${meant}?`}`,
    );
  }
  if (options.read('buffer_size', names, { read: readInteger, fallback: 10 }) < 1) {
    options.say('error', 'buffer_size', 'expected a number of at least 1');
  }
  if (options.read('redirect_stderr', names, { read: readBoolean, fallback: false })) {
    options.say('error', 'redirect_stderr', 'cannot be true: a listener answers on its standard output');
  }
}

function readListener(world: World, section: Section): Unit {
  const unit = readUnit(world, section, strip(section.name.slice('eventlistener:'.length)));
  checkListener(unit, globalNames(world, REAL));
  return unit;
}

/** All of them; [supervisord] must have been read before, because its environment can be named. */
export function readFleet(world: World): Fleet {
  const sections = [...world.ini.sections.values()];
  const of = (kind: string): Section[] => sections.filter((section) => sectionKind(section) === kind);
  const groups = of('group').map((section) => readGroup(world, section));
  const grouped = groups.flatMap(({ units }) => units);
  const programs = of('program').flatMap((section) => {
    const own = grouped.filter((unit) => unit.section === section);
    return own.length > 0 ? own : [readUnit(world, section, strip(section.name.slice('program:'.length)))];
  });
  const listeners = of('eventlistener').map((section) => readListener(world, section));
  return { groups, programs, listeners };
}
