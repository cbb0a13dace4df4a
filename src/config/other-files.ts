/** The files that workers.yaml names: envFile and urlFile, whose content is part of it, and those of TLS, which have to be there. */
import { dirname } from 'node:path';
import { parseEnvFile } from './env-file.ts';
import { absolute } from './paths.ts';
import { makeProblem } from './problem.ts';
import type { Fault, Path } from './problem.ts';
import { readTextFile } from './read-file.ts';
import type { ProgramValues } from './schema/program.ts';
import { url } from './schema/kinds.ts';
import type { Places } from './tree.ts';
import type { BrokerConfig, Problem, TlsConfig } from './types.ts';

type BrokerValues = NonNullable<ProgramValues['broker']>;

const AMQP_URL = url(['amqp', 'amqps'], 'amqp://user:password@host:5672/');

export interface OtherFiles {
  /** Variables of an envFile; empty where it cannot be read (which is then a problem). */
  environment(envFile: string, writtenAt: Path): Record<string, string>;
  broker(values: BrokerValues, writtenAt: Path): BrokerConfig | null;
  /** Only that they are there: what is in them is read when somebody is looked into. */
  advisories(written: readonly string[]): void;
  problems: Problem[];
}

interface Reader {
  file: string;
  shown: string;
  places: Places;
  problems: Problem[];
}

/** The text of a named file; null: a problem at the key that names it. */
function readNamed(reader: Reader, name: string, writtenAt: Path): { path: string; text: string } | null {
  const path = absolute(dirname(reader.file), name);
  const content = readTextFile(path);
  if (content.ok) return { path, text: content.text };
  const position = reader.places.near(writtenAt).value;
  const found = `${path}: ${content.found}`;
  reader.problems.push(makeProblem(reader.shown, { path: writtenAt, position, found, expected: content.expected }));
  return null;
}

function readBroker(reader: Reader, values: BrokerValues, writtenAt: Path): BrokerConfig | null {
  const urls = values.embedded ? [] : readUrls(reader, values, writtenAt);
  if (urls === null) return null;
  const tls = values.tls === null ? null : readTls(reader, values.tls, { urls, writtenAt: [...writtenAt, 'tls'] });
  return values.embedded ? { kind: 'embedded' } : { kind: 'url', urls, tls };
}

function readTls(
  reader: Reader,
  values: NonNullable<BrokerValues['tls']>,
  { urls, writtenAt }: { urls: string[]; writtenAt: Path },
): TlsConfig {
  const fault = (found: string, expected: string): void => {
    const position = reader.places.near(writtenAt).key;
    reader.problems.push(makeProblem(reader.shown, { path: writtenAt, position, found, expected }));
  };
  if (!urls.some((each) => /^amqps:/i.test(each))) fault('tls for a broker without TLS', 'an amqps:// URL, or no tls');
  if ((values.cert === null) !== (values.key === null))
    fault(
      values.cert === null ? 'a key without its cert' : 'a cert without its key',
      'both of cert and key, or neither',
    );
  const file = (name: 'ca' | 'cert' | 'key'): string | null => {
    const written = values[name];
    return written === null ? null : (readNamed(reader, written, [...writtenAt, name])?.path ?? null);
  };
  return { ca: file('ca'), cert: file('cert'), key: file('key'), verify: values.verify, serverName: values.serverName };
}

/** Null: a problem, or nothing to read. */
function readUrls(reader: Reader, values: BrokerValues, writtenAt: Path): string[] | null {
  if (values.url !== null) return [values.url];
  if (values.urls.length > 0) return values.urls;
  const content = values.urlFile === null ? null : readNamed(reader, values.urlFile, [...writtenAt, 'urlFile']);
  if (content === null) return null;
  const [line = '', ...more] = content.text.trim().split(/\r?\n/);
  const parsed = AMQP_URL.read(line.trim());
  if (parsed.ok && more.length === 0) return [parsed.value];
  // The content is a secret, so it is not quoted.
  const found = line === '' ? 'an empty file' : more.length > 0 ? 'more than one line' : 'a line that is no such URL';
  const fault: Fault = {
    path: [],
    position: { line: 1, column: 1 },
    found,
    expected: `${AMQP_URL.expected}, and nothing else`,
  };
  reader.problems.push(makeProblem(content.path, fault));
  return null;
}

/** @param file absolute path of workers.yaml; `shown` as the user named it. */
export function otherFiles(file: string, shown: string, places: Places): OtherFiles {
  const reader: Reader = { file, shown, places, problems: [] };
  return {
    problems: reader.problems,
    environment(envFile, writtenAt) {
      const content = readNamed(reader, envFile, writtenAt);
      if (content === null) return {};
      const { values, faults } = parseEnvFile(content.text);
      reader.problems.push(...faults.map((fault) => makeProblem(content.path, fault)));
      return values;
    },
    broker: (values, writtenAt) => readBroker(reader, values, writtenAt),
    advisories(written) {
      for (const [index, path] of written.entries()) readNamed(reader, path, ['advisories', String(index)]);
    },
  };
}
