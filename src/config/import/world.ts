/** What everything in one import shares: the sections, the names of `%(…)s`, the environment. */
import type { Environment } from '../interpolate.ts';
import type { Ini, Section } from './ini.ts';
import { Markers } from './markers.ts';
import { optionsOf } from './options.ts';
import type { Options } from './options.ts';
import type { Names, NameValue } from './percent.ts';
import { Report } from './report.ts';

/** Which names stay references in workers.yaml; the others are written out. */
export interface Form {
  /** `%(ENV_X)s` → `${X}`. */
  environment: boolean;
  /** `%(process_num)02d` → `{index:02}`. */
  index: boolean;
  /** `%(program_name)s` → `{program}`. */
  program: boolean;
}

/** The best first; the last one is what supervisord itself makes of it. */
export const FORMS: readonly Form[] = [
  { environment: true, index: true, program: true },
  { environment: false, index: true, program: true },
  { environment: true, index: true, program: false },
  { environment: false, index: true, program: false },
  { environment: false, index: false, program: false },
];

export const REAL: Form = { environment: false, index: false, program: false };

/** For forms that were tried: their faults are those of the real one. */
export const SILENT = (): Report => new Report();

export interface World {
  ini: Ini;
  here: string;
  hostName: string;
  env: Environment;
  report: Report;
  markers: Markers;
  /** Of [supervisord], by form. */
  environment: Map<Form, ReadonlyMap<string, string>>;
}

function mark(world: Pick<World, 'markers'>, real: string, text: string): NameValue {
  return { real, word: (digits) => (digits === 0 ? world.markers.mark(text) : null) };
}

/** `ENV_X` of the environment that the import runs in. */
export function inheritedNames(world: Pick<World, 'env' | 'markers'>, form: Form): Map<string, NameValue> {
  const known = Object.entries(world.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return new Map(
    known.map(([name, value]) => {
      const canMark = form.environment && /^[A-Za-z_]\w*$/.test(name);
      return [`ENV_${name}`, canMark ? mark(world, value, `\${${name}}`) : value];
    }),
  );
}

/** Names that every section knows. */
export function globalNames(world: World, form: Form): Map<string, NameValue> {
  const own = world.environment.get(form) ?? new Map<string, string>();
  return new Map<string, NameValue>([
    ...inheritedNames(world, form),
    ...[...own].map(([name, value]) => [`ENV_${name}`, value] as const),
    ['here', world.here],
  ]);
}

/** Names of a program's section. */
export function sectionNames(world: World, form: Form, of: { program: string; group: string }): Map<string, NameValue> {
  return new Map<string, NameValue>([
    ...globalNames(world, form),
    ['host_node_name', world.hostName],
    ['program_name', form.program ? mark(world, of.program, '{program}') : of.program],
    ['group_name', of.group],
  ]);
}

/** Adds those of one process of it. */
export function processNames(
  names: Names,
  world: World,
  form: Form,
  of: { index: number; count: number },
): Map<string, NameValue> {
  const { index, count } = of;
  const word = (digits: number): string | null => {
    if (digits > 9) return null;
    return world.markers.mark(digits === 0 ? '{index}' : `{index:0${digits}}`);
  };
  return new Map<string, NameValue>([
    ...names,
    ['process_num', form.index ? { real: index, word } : index],
    ['numprocs', count],
  ]);
}

export function optionsIn(world: World, section: Section, report: Report = world.report): Options {
  return optionsOf(section, world.ini.defaults, report);
}
