/** Sections that have no equivalent: what is there instead. */
import { optionsOf } from './options.ts';
import type { Options } from './options.ts';
import type { Section } from './ini.ts';
import { sectionKind } from './unknown.ts';
import { readInteger, readOctal } from './values.ts';
import { REAL, globalNames, optionsIn } from './world.ts';
import type { World } from './world.ts';

function checkAccount(options: Options): void {
  const [name, password] = [options.option('username'), options.option('password')];
  if ((name === null) !== (password === null))
    options.say('error', name === null ? 'username' : 'password', 'is missing: both or none');
}

function sayUnixServer(world: World, section: Section): void {
  const options = optionsIn(world, section);
  const names = globalNames(world, REAL);
  const file = options.expanded('file', names);
  if (options.option('file') === null) options.say('error', 'file', 'is missing');
  if (options.option('chmod') !== null) options.read('chmod', names, { read: readOctal, fallback: 0o700 });
  checkAccount(options);
  const said = `not imported: the control socket is control.sock in stateDir (by default /run/ackwarden), mode 0600; \`socket: { mode, group }\` opens it to others`;
  world.report.note(
    section.place,
    `[${section.name}]`,
    file === null ? said : `${said}; clients of ${file} must be told`,
  );
}

function sayInetServer(world: World, section: Section): void {
  const options = optionsIn(world, section);
  const port = options.expanded('port', globalNames(world, REAL));
  if (options.option('port') === null) options.say('error', 'port', 'is missing');
  else if (port !== null) {
    const number = readInteger(port.slice(port.lastIndexOf(':') + 1));
    if (!number.ok || number.value < 1 || number.value > 65_535)
      options.say('error', 'port', 'expected HOST:PORT, :PORT or PORT, from 1 to 65535');
  }
  checkAccount(options);
  const said =
    'not imported: ackwarden listens on its unix socket only, until `http: { listen, tokenFile }` says otherwise';
  world.report.note(section.place, `[${section.name}]`, said);
}

function sayFastCgi(world: World, section: Section): void {
  const said =
    'not imported: a FastCGI program serves a listening socket, and ackwarden runs workers; php-fpm or systemd socket units do that';
  world.report.warn(section.place, `[${section.name}]`, said);
}

function sayRpcInterface(world: World, section: Section): void {
  const factory = section.options.get('supervisor.rpcinterface_factory')?.value;
  if (factory === 'supervisor.rpcinterface:make_main_rpcinterface') return;
  const options = optionsOf(section, world.ini.defaults, world.report);
  if (factory === undefined) options.say('error', 'supervisor.rpcinterface_factory', 'is missing');
  else
    world.report.warn(
      section.place,
      `[${section.name}]`,
      'not imported: a plugin of supervisord, in Python; its methods are not there',
    );
}

/** Reports them, and their errors. */
export function saySections(world: World): void {
  for (const section of world.ini.sections.values()) {
    const kind = sectionKind(section);
    if (kind === 'unix_http_server') sayUnixServer(world, section);
    if (kind === 'inet_http_server') sayInetServer(world, section);
    if (kind === 'fcgi-program') sayFastCgi(world, section);
    if (kind === 'rpcinterface') sayRpcInterface(world, section);
    if (kind === 'supervisorctl') {
      const said = 'stays where it is: supervisorctl reads it, and its serverurl must name the socket of ackwarden';
      world.report.note(section.place, '[supervisorctl]', said);
    }
    if (kind === 'ctlplugin')
      world.report.note(section.place, `[${section.name}]`, 'belongs to supervisorctl, which reads it itself');
  }
}
