/** The labelled corpus: recorded from real PHP processes, and made from seeds. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ceilingFor, makeSeries } from './generate.ts';
import type { Series } from './generate.ts';
import { seeded } from './random.ts';
import { decodeRecording } from './recording.ts';

/** Beside this file; a bundle has to say where. */
export const RECORDED = new URL('recorded.ndjson.gz', import.meta.url);

/** The ceiling is chosen as for made series, from the place in the file. */
export const recordedSeries = (file: URL = RECORDED): Series[] =>
  gunzipSync(readFileSync(file))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line, index) => {
      const recording = decodeRecording(line);
      const softBytes = ceilingFor(seeded(700_000 + index), recording.rows, recording.label === 'leak');
      return { ...recording, softBytes };
    });

export const madeSeries = (count: number, seed: number): Series[] =>
  Array.from({ length: count }, (_, index) => makeSeries(seed + index));
