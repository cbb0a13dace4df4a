/** [group:x] → `groups`. */
import type { Document } from './draft.ts';
import type { Fleet, Group } from './fleet.ts';
import type { Mapping } from './fields.ts';
import type { MappedProgram } from './map-program.ts';
import { fittingName } from './names.ts';

type Groups = Document['groups'];

function priorityOf({ priority, section }: Group, { world }: Mapping): number {
  const fitting = Math.min(Math.max(priority, 0), 1_000_000);
  if (fitting !== priority) {
    const said = `${priority} is outside of what ackwarden takes; written as ${fitting}`;
    world.report.warn(section.options.get('priority')?.place ?? section.place, `[${section.name}] priority`, said);
  }
  return fitting;
}

function addGroup(groups: Groups, group: Group, members: string[], mapping: Mapping): void {
  const { report } = mapping.world;
  const { name, section } = group;
  const subject = `[${section.name}]`;
  if (members.length === 0) {
    report.warn(section.place, subject, 'has no program that was imported; left out');
    return;
  }
  if (members.length === 1 && members[0] === name) {
    report.note(section.place, subject, `not needed: the program ${name} has this name itself`);
    return;
  }
  const fitting = fittingName(mapping.taken.has(name) ? `${name}-group` : name, mapping.taken);
  mapping.taken.add(fitting);
  if (fitting !== name)
    report.warn(section.place, subject, `is ${fitting} in ackwarden: a group has no name that a program has`);
  const priority = priorityOf(group, mapping);
  groups.set(fitting, { value: { programs: members, ...(priority === 999 ? {} : { priority }) }, comments: [] });
}

/** Groups as written, and one for each program that had to be split up. */
export function mapGroups(fleet: Fleet, programs: readonly MappedProgram[], mapping: Mapping): Groups {
  const groups: Groups = new Map();
  const namesOf = (belongs: (program: MappedProgram) => boolean): string[] =>
    programs.filter(belongs).map(({ draft }) => draft.name);
  for (const group of fleet.groups) {
    addGroup(
      groups,
      group,
      namesOf(({ slice }) => group.units.includes(slice.unit)),
      mapping,
    );
  }
  const grouped = fleet.groups.flatMap(({ units }) => units);
  for (const unit of fleet.programs) {
    const members = namesOf(({ slice }) => slice.unit === unit);
    if (members.length < 2 || grouped.includes(unit)) continue;
    const name = fittingName(unit.name, mapping.taken);
    mapping.taken.add(name);
    groups.set(name, { value: { programs: members }, comments: [`the processes of [${unit.section.name}].`] });
  }
  return groups;
}
