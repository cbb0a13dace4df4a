/** What will keep workers from their gate, or a gate from its broker, as far as workers.yaml and the application's files tell. */
import { basename, dirname, join, resolve } from 'node:path';
import { parseDsn } from '../../config/dsn.ts';
import { isGated } from '../../config/gated.ts';
import { readTextFile } from '../../config/read-file.ts';
import type { Config, ProgramConfig } from '../../config/types.ts';
import { elsewhereOf } from './elsewhere.ts';
import type { Elsewhere } from './elsewhere.ts';
import { rabbitConnections } from './queue-config.ts';
import type { Connection, Source } from './queue-config.ts';

export interface Warning {
  /** The key of workers.yaml that it is about. */
  path: string[];
  text: string;
  consequence: string;
  remedy: string;
}

/** Text of a file; null: it is not there or may not be read. */
type Read = (path: string) => string | null;

export const readIfThere: Read = (path) => {
  const content = readTextFile(path);
  return content.ok ? content.text : null;
};

export function redirectWarnings(config: Config, read: Read): Warning[] {
  const gated = Object.values(config.programs).filter((program) => isGated(config, program));
  return [...unverified(config), ...gated.flatMap((program) => elsewhere(program) ?? otherVariables(program, read))];
}

/** Each where it is written: what a program takes over from the top is said there. */
function unverified(config: Config): Warning[] {
  const isOff = ({ broker }: Pick<Config, 'broker'>): boolean => broker?.kind === 'url' && broker.tls?.verify === false;
  const top = isOff(config) ? [unverifiedAt(['broker', 'tls', 'verify'])] : [];
  const own = Object.values(config.programs)
    .filter(isOff)
    .flatMap(({ name, amqp, environment, origins }) => {
      const variable = amqp?.dsnVariable ?? '';
      const isInUrl = parseDsn(environment[variable] ?? '')?.tls?.verify === false;
      if (isInUrl) return [unverifiedAt(['programs', name, 'environment', variable])];
      const key = ['broker', 'tls', 'verify'];
      return origins[key.join('.')] === undefined ? [] : [unverifiedAt(['programs', name, ...key])];
    });
  return [...top, ...own];
}

const unverifiedAt = (path: string[]): Warning => ({
  path,
  text: 'the certificate of the broker is not verified',
  consequence: 'whoever answers at its address is taken for the broker, and gets the passwords of the workers',
  remedy: 'broker.tls.ca names who may have signed it',
});

const PLACES: Record<Elsewhere, { where: string; consequence: string; remedy: string }> = {
  network: {
    where: 'in a container or another network namespace',
    consequence: 'it cannot reach its gate on 127.0.0.1, and the variables do not arrive',
    remedy: 'write recycle: { drain: signal }, or run ackwarden where the worker runs',
  },
  host: {
    where: 'on another host',
    consequence: 'it cannot reach its gate on 127.0.0.1, and the variables do not arrive',
    remedy: 'write recycle: { drain: signal }, or run ackwarden on that host',
  },
  user: {
    where: 'as another user',
    consequence: 'its gate refuses it, and the variables may not arrive',
    remedy: 'write user: in place of it',
  },
};

/** Null: the worker stays here. */
function elsewhere({ name, command }: ProgramConfig): Warning[] | null {
  const found = elsewhereOf(command);
  if (found === null) return null;
  const { where, consequence, remedy } = PLACES[found.to];
  return [
    { path: ['programs', name, 'command'], text: `${found.word} starts the worker ${where}`, consequence, remedy },
  ];
}

/** The folder of the Laravel application that a command runs; null: it runs no artisan. */
export function applicationOf({ command, directory }: ProgramConfig): string | null {
  const artisan = command.find((word) => basename(word) === 'artisan');
  return artisan === undefined ? null : dirname(resolve(directory, artisan));
}

/** Only what is certain: no rabbitmq connection of its config/queue.php could lead to the gate. */
function otherVariables(program: ProgramConfig, read: Read): Warning[] {
  const { amqp, name } = program;
  const folder = applicationOf(program);
  const file = join(folder ?? '', 'config', 'queue.php');
  const php = folder === null || amqp === null ? null : read(file);
  if (php === null || amqp === null) return [];
  const { hostVariable, portVariable, dsnVariable } = amqp;
  const faults = rabbitConnections(php).map((connection) =>
    dsnVariable !== null && connection.names.includes(dsnVariable)
      ? null
      : (faultOf(connection, 'host', hostVariable) ?? faultOf(connection, 'port', portVariable)),
  );
  const [first] = faults;
  if (first === undefined || first === null || faults.includes(null)) return [];
  const consequence = 'the worker goes past its gate';
  return [{ path: ['programs', name, 'amqp'], text: `${file} ${first.text}`, consequence, remedy: first.remedy }];
}

function faultOf(
  connection: Connection,
  key: 'host' | 'port',
  variable: string,
): { text: string; remedy: string } | null {
  const wrong = connection[key].find((source) => isWrong(source, variable));
  if (wrong?.kind === 'variables') {
    const [name = ''] = wrong.names;
    const text = `reads the ${key} of its rabbitmq connection from ${wrong.names.join(' and ')}, not from ${variable}`;
    return { text, remedy: `write amqp: { ${key}: ${name} }` };
  }
  if (wrong?.kind !== 'fixed') return null;
  const text = `gives its rabbitmq connection the fixed ${key} ${wrong.text}`;
  return { text, remedy: `write env('${variable}', '${wrong.text}') there` };
}

const isWrong = (source: Source, variable: string): boolean =>
  source.kind === 'fixed' || (source.kind === 'variables' && !source.names.includes(variable));
