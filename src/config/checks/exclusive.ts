/** Keys that need or exclude each other. */
import { quote } from '../problem.ts';
import type { Fault, Path } from '../problem.ts';
import type { SettingsValues } from '../schema/root.ts';
import type { Places } from '../tree.ts';
import { faultAt } from './checking.ts';
import type { Checked, CheckedProgram } from './checking.ts';

type BrokerValues = NonNullable<SettingsValues['broker']>;

const WAYS = 'exactly one of url, urlFile, urls, embedded: true';

/** What is wrong with a broker map; null: nothing. */
export function brokerFault(broker: BrokerValues): { found: string; expected: string } | null {
  const { url, urlFile, urls, embedded } = broker;
  const ways = Object.entries({ url: url !== null, urlFile: urlFile !== null, urls: urls.length > 0, embedded });
  const given = ways.filter(([, isGiven]) => isGiven).map(([name]) => name);
  if (given.length === 1) return null;
  return { found: given.length === 0 ? 'none of its keys' : given.join(' and '), expected: WAYS };
}

function checkDrain(program: CheckedProgram, places: Places): Fault[] {
  const { amqp, recycle } = program.values;
  if (recycle.drain !== 'gate' || amqp?.gate === true || program.isSpoilt(['amqp', 'gate'])) return [];
  const because = amqp === null ? 'this program has no amqp map' : 'amqp.gate is false';
  const found = `gate, but ${because}`;
  return [
    faultAt(program, places, ['recycle', 'drain'], {
      found,
      expected: amqp === null ? 'auto, signal, or `amqp: {}`' : 'auto or signal',
    }),
  ];
}

function checkOom(program: CheckedProgram, places: Places): Fault[] {
  const { scoreAdj, adj } = program.values.oom;
  if (scoreAdj === null || adj === null) return [];
  return [faultAt(program, places, ['oom', 'adj'], { found: 'adj next to scoreAdj', expected: 'one of them' })];
}

function checkBroker(program: CheckedProgram, places: Places): Fault[] {
  const { broker } = program.values;
  const fault = broker === null || program.isSpoilt(['broker']) ? null : brokerFault(broker);
  return fault === null ? [] : [faultAt(program, places, ['broker'], fault)];
}

/** Every request over TCP needs a token, on loopback too: any user of the host gets there. */
function checkHttp(
  { tokenFile, username, passwordFile }: NonNullable<SettingsValues['http']>,
  places: Places,
  isSpoilt: (path: Path) => boolean,
): Fault[] {
  const faults: Fault[] = [];
  const add = (key: string, found: string, expected: string): void => {
    const path = ['http', key];
    if (!isSpoilt(path)) faults.push({ path, position: places.near(path).value, found, expected });
  };
  if (tokenFile === null) add('tokenFile', 'no tokenFile', 'tokenFile: a file with the token of every request');
  if (username?.includes(':') === true) add('username', quote(username), 'a user name without a colon');
  if (username !== null && passwordFile === null) add('passwordFile', 'no passwordFile', 'one, for http.username');
  if (username === null && passwordFile !== null) add('username', 'no username', 'one, for http.passwordFile');
  return faults;
}

function checkReady(program: CheckedProgram, places: Places): Fault[] {
  const { ready, amqp, recycle } = program.values;
  if (ready === null || program.isSpoilt(['ready'])) return [];
  const ways = {
    log: ready.log !== null,
    file: ready.file !== null,
    consuming: ready.consuming,
    command: ready.command !== null,
  };
  const given = Object.entries(ways).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of its checks' : given.join(' and ');
    return [
      faultAt(program, places, ['ready'], { found, expected: 'exactly one of log, file, consuming: true, command' }),
    ];
  }
  if (!ready.consuming || (amqp?.gate === true && recycle.drain !== 'signal') || program.isSpoilt(['amqp', 'gate']))
    return [];
  const expected = 'another check, or `amqp: {}`: only a gate sees a worker consume';
  return [faultAt(program, places, ['ready', 'consuming'], { found: 'true, but this program has no gate', expected })];
}

/** Faults of the top-level keys. */
export function checkSettings(settings: SettingsValues, places: Places, isSpoilt: (path: Path) => boolean): Fault[] {
  const faults: Fault[] = [];
  const broker = settings.broker === null || isSpoilt(['broker']) ? null : brokerFault(settings.broker);
  if (broker !== null) faults.push({ path: ['broker'], position: places.near(['broker']).value, ...broker });
  if (settings.http !== null) faults.push(...checkHttp(settings.http, places, isSpoilt));
  for (const [index, { webhook }] of settings.notify.entries()) {
    const path = ['notify', index];
    if (webhook !== null || isSpoilt(['notify'])) continue;
    faults.push({
      path: [...path, 'webhook'],
      position: places.near(path).value,
      found: 'no webhook',
      expected: 'webhook: a URL',
    });
  }
  return faults;
}

/** Faults of all programs. */
export function checkExclusive({ programs, places }: Checked): Fault[] {
  const checks = [checkDrain, checkOom, checkBroker, checkReady];
  return [...programs.values()].flatMap((program) => checks.flatMap((check) => check(program, places)));
}
