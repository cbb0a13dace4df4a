/** What a client command loads: it has 50 ms of processor time, and zod alone takes more. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CLIENTS = ['journal', 'explain', 'logs', 'command'];

interface Output {
  inputs: Record<string, unknown>;
  imports: { path: string; kind: string; external?: boolean }[];
  entryPoint?: string;
}

let outputs: Record<string, Output> = {};

/** Files of the outputs that `name` imports statically, itself included. */
function loaded(name: string, seen = new Set<string>()): Set<string> {
  const output = outputs[name];
  if (output === undefined || seen.has(name)) return new Set();
  seen.add(name);
  const own = Object.keys(output.inputs);
  const further = output.imports.filter(({ kind, external }) => kind === 'import-statement' && external !== true);
  return new Set([...own, ...further.flatMap(({ path }) => [...loaded(path, seen)])]);
}

function entry(source: string): Set<string> {
  const found = Object.entries(outputs).find(([, output]) => output.entryPoint === source);
  return found === undefined ? expect.fail(`${source} is not loaded lazily`) : loaded(found[0]);
}

const packagesOf = (files: Set<string>): string[] =>
  [...files].flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);

beforeAll(async () => {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/main.ts'],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outdir: 'dist',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  outputs = result.metafile.outputs;
});

test.each(['src/main.ts', ...CLIENTS.map((name) => `src/cli/${name}.ts`)])('%s loads no package', (source) => {
  const files = entry(source);
  expect(packagesOf(files)).toEqual([]);
  expect([...files].filter((file) => /^src\/(?:config\/schema|controller|shim|core)\//.test(file))).toEqual([]);
});

test('a plain status is in main; the parser loads only commander', () => {
  expect(entry('src/main.ts')).toContain('src/cli/status.ts');
  expect(new Set(packagesOf(entry('src/cli/command-line.ts')))).toEqual(new Set(['commander']));
});
