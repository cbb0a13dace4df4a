/**
 * `node test/corpus/record/run.mjs [EACH [KEEP]]`: runs real PHP workers, one after the other, and writes what memory they took to
 * `test/corpus/recorded.ndjson.gz`, whose first KEEP recordings are kept. Time is nominal: a sample is taken when the messages of its
 * interval are handled.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ZendReader } from '../../../src/linux/zend-reader.ts';
import { buildLeaky } from '../../fixtures/leaky-extension/build.ts';
import type { Row } from '../generate.ts';
import { encodeRecording } from '../recording.ts';
import { readRow } from './reading.ts';
import { recipes } from './recipe.ts';
import type { Recipe } from './recipe.ts';

const SCRIPT = fileURLToPath(new URL('worker.php', import.meta.url));
const EXTENSION = fileURLToPath(new URL('../../fixtures/leaky-extension/php_leaky.c', import.meta.url));
/** Calls of PHP's own functions that worker.php makes for each message. */
const CALLS = 4;
const INI = ['memory_limit=-1', 'opcache.enable_cli=1', 'opcache.file_update_protection=0', 'ffi.enable=1'];

const record = async (recipe: Recipe): Promise<Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'ackwarden-record-'));
  const { parts, seed, leakBytes } = recipe;
  const settings = [...INI, ...extensionFor(recipe)].flatMap((setting) => ['-d', setting]);
  const php = spawn('php', [...settings, SCRIPT, parts.join(','), `${seed}`, `${leakBytes}`, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const zend = new ZendReader(php.pid ?? 0);
  const rows: Row[] = [];
  try {
    const answers = createInterface(php.stdout)[Symbol.asyncIterator]();
    let acknowledged = 0;
    for (const [sample, messages] of recipe.messages.entries()) {
      php.stdin.write(`${messages}\n`);
      const answer = await answers.next();
      if (answer.done === true) throw new Error(`${recipe.name} ended at sample ${sample}`);
      acknowledged += messages;
      const children = answer.value.split(' ').filter(Boolean).map(Number);
      rows.push({ seconds: sample * recipe.intervalSeconds, ...readRow(php.pid ?? 0, children, zend), acknowledged });
    }
    return rows;
  } finally {
    zend.close();
    php.stdin.end();
    await new Promise((resolve) => php.once('close', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The leaky extension, where it is one of the parts. */
const extensionFor = ({ parts, leakBytes }: Recipe): string[] => {
  if (!parts.includes('extension')) return [];
  const { so, skipped } = buildLeaky({ source: EXTENSION });
  if (so === null) throw new Error(skipped);
  return [`extension=${so}`, `leaky.bytes_per_call=${Math.ceil(leakBytes / CALLS)}`];
};

const [each = '18', keep = '0'] = process.argv.slice(2);
const out = fileURLToPath(new URL('../recorded.ndjson.gz', import.meta.url));
const before = existsSync(out) ? gunzipSync(readFileSync(out)).toString('utf8').trimEnd().split('\n') : [];
const lines = before.slice(0, Number(keep));
for (const recipe of recipes(Number(each)).slice(lines.length)) {
  const rows = await record(recipe);
  const { name, kind, label } = recipe;
  lines.push(encodeRecording({ name, kind, label, rows }));
  if (lines.length % 50 === 0) console.error(`${lines.length} recorded`);
}
const packed = gzipSync(`${lines.join('\n')}\n`, { level: 9 });
writeFileSync(out, packed);
console.log(`${lines.length} recordings, ${packed.length} bytes: ${out}`);
