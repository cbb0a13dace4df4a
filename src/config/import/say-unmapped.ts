/** Keys of a program without an equivalent, and commands that a shell runs. */
import { REAL, sectionNames } from './world.ts';
import { plainCommand, endsInExec, shellScript } from './shell.ts';
import { readBoolean, readBytes } from './values.ts';
import type { Slice } from './written.ts';

function sayGroups({ unit }: Slice): void {
  const { options, settings } = unit;
  if (settings.stopasgroup) {
    const said =
      'not imported: ackwarden signals the worker alone, so that its children can finish their work, and ends whatever is left of the group after it';
    options.say('note', 'stopasgroup', said);
    return;
  }
  if (options.option('killasgroup') === null) return;
  const said = settings.killasgroup
    ? 'not needed: SIGKILL always goes to the whole group, and to descendants that left it'
    : 'not imported: SIGKILL always goes to the whole group, so that nothing stays behind';
  options.say('note', 'killasgroup', said);
}

function sayShell({ unit, processes }: Slice): void {
  const argv = processes[0]?.process.argv ?? [];
  const script = shellScript(argv);
  if (script === null || endsInExec(script)) return;
  const words = plainCommand(script);
  const remedy = words === null ? 'put `exec` before its last command' : `write command: ${JSON.stringify(words)}`;
  unit.options.say(
    'warning',
    'command',
    `a shell runs it, and the stop signal goes to the shell, not to the program: ${remedy}`,
  );
}

function sayOutput({ world, unit }: Slice): void {
  const { options, name, group } = unit;
  const names = sectionNames(world, REAL, { program: name, group });
  for (const stream of ['stdout', 'stderr']) {
    if (options.read(`${stream}_capture_maxbytes`, names, { read: readBytes, fallback: 0 }) > 0) {
      options.say(
        'warning',
        `${stream}_capture_maxbytes`,
        'not imported: text between the capture tags stays in the log',
      );
    }
    if (options.read(`${stream}_events_enabled`, names, { read: readBoolean, fallback: false })) {
      options.say(
        'warning',
        `${stream}_events_enabled`,
        'not imported: output makes no events; `ackwarden logs -f` follows it',
      );
    }
  }
}

/** Reports them. */
export function sayUnmapped(slice: Slice): void {
  sayGroups(slice);
  sayShell(slice);
  sayOutput(slice);
  const { options } = slice.unit;
  if (options.option('serverurl') !== null) {
    options.say('note', 'serverurl', 'not imported: SUPERVISOR_SERVER_URL is not set by ackwarden');
  }
}
