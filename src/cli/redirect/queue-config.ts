/** Where a Laravel config/queue.php takes the address of its rabbitmq connection from, read as text: PHP itself is not run. */

/** How one value is written: variables that env() or getenv() read, a fixed text or number, or something that is not understood. */
export type Source = { kind: 'variables'; names: string[] } | { kind: 'fixed'; text: string } | { kind: 'unknown' };

/** One connection with the driver `rabbitmq`; several hosts have several sources. */
export interface Connection {
  host: Source[];
  port: Source[];
  /** Every variable that anything of it reads. */
  names: string[];
}

const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/s;
const COMMENT_OR_STRING = new RegExp(`(${STRING.source})|/\\*[\\s\\S]*?\\*/|(?://|#(?!\\[)).*`, 'g');
const DRIVER = /(['"])driver\1\s*=>\s*(['"])rabbitmq\2/g;
const READS = /\b(?:env|getenv)\(\s*(['"])(\w+)\1/g;

export function rabbitConnections(php: string): Connection[] {
  const text = php.replaceAll(COMMENT_OR_STRING, (_whole, string: string | undefined) => string ?? ' ');
  return [...text.matchAll(DRIVER)].map(({ index }) => {
    const section = arrayAround(text, index);
    return { host: sourcesOf(section, 'host'), port: sourcesOf(section, 'port'), names: variablesIn(section) };
  });
}

/** The text of the array that this place lies in. */
function arrayAround(text: string, at: number): string {
  const from = openingBefore(text, at);
  return text.slice(from, closingAfter(text, from));
}

function openingBefore(text: string, at: number): number {
  const open: number[] = [];
  for (const { index, 0: found } of text.matchAll(new RegExp(`${STRING.source}|[[(\\])]`, 'gs'))) {
    if (index >= at) break;
    if (found === '[' || found === '(') open.push(index);
    else if (found === ']' || found === ')') open.pop();
  }
  return open.at(-1) ?? 0;
}

function closingAfter(text: string, from: number): number {
  let depth = 0;
  for (const { index, 0: found } of text.slice(from).matchAll(new RegExp(`${STRING.source}|[[(\\])]`, 'gs'))) {
    if (found === '[' || found === '(') depth += 1;
    else if (found === ']' || found === ')') depth -= 1;
    if (depth === 0 && (found === ']' || found === ')')) return from + index;
  }
  return text.length;
}

function sourcesOf(section: string, key: string): Source[] {
  return [...section.matchAll(new RegExp(`(['"])${key}\\1\\s*=>\\s*`, 'g'))].map(({ index, 0: found }) =>
    sourceOf(valueAt(section, index + found.length)),
  );
}

/** The expression up to the comma that ends it. */
function valueAt(section: string, from: number): string {
  let depth = 0;
  for (const { index, 0: found } of section.slice(from).matchAll(new RegExp(`${STRING.source}|[[(\\]),]`, 'gs'))) {
    if (found === '[' || found === '(') depth += 1;
    else if (found === ']' || found === ')') depth -= 1;
    if (depth < 0 || (depth === 0 && found === ',')) return section.slice(from, from + index).trim();
  }
  return section.slice(from).trim();
}

function sourceOf(value: string): Source {
  const names = variablesIn(value);
  if (names.length > 0) return { kind: 'variables', names };
  const fixed = /^(?:'([^']*)'|"([^"$]*)"|(\d+))$/.exec(value);
  const text = fixed?.[1] ?? fixed?.[2] ?? fixed?.[3];
  return text === undefined ? { kind: 'unknown' } : { kind: 'fixed', text };
}

const variablesIn = (text: string): string[] => [...text.matchAll(READS)].map(([, , name = '']) => name);
