/** A diagnosis for people, perhaps at three in the morning: section by section, the conclusion last. */
import type { Diagnosis } from '../../forensics/types.ts';
import { painter } from '../colour.ts';
import { formatBytes, formatDuration } from '../format.ts';
import { stripControls } from '../plain.ts';
import type { Terminal } from '../terminal.ts';
import { pad, wrap } from '../width.ts';
import { conclusionLines } from './report-conclusion.ts';
import {
  controllerTexts,
  cpuText,
  descriptorTexts,
  extensionTexts,
  faultTexts,
  helperTexts,
  hostTexts,
  oomText,
  overheadText,
  waitText,
} from './report-facts.ts';
import { memoryLines } from './report-memory.ts';

const LABEL = 12;
const MOST_COLUMNS = 110;

export const report = (found: Diagnosis, terminal: Terminal): string[] => {
  const paint = painter(terminal.colour);
  const columns = Math.min(terminal.columns, MOST_COLUMNS);
  const section = (label: string, texts: readonly string[]): string[] =>
    texts
      .flatMap((text) => wrap(stripControls(text), Math.max(20, columns - LABEL)))
      .map((line, at) => `${at === 0 ? paint('cyan', pad(label, LABEL)) : ' '.repeat(LABEL)}${line}`);
  const { process, managed } = found;
  const title = managed === null ? `pid ${process.pid}` : `${managed.worker}, pid ${process.pid}`;
  return [
    `${paint('bold', title)}  ${stripControls(process.command.join(' '))}`,
    ...section('process', [identityText(found)]),
    ...section('controller', controllerTexts(found)),
    ...memoryLines(found, { label: LABEL, paint }),
    ...section('new pages', faultTexts(found)),
    ...section('helpers', helperTexts(found)),
    ...section('descriptors', descriptorTexts(found)),
    ...section('processor', [cpuText(found)]),
    ...section('waits in', [waitText(found)]),
    ...section('host', hostTexts(found)),
    ...section('OOM killer', [oomText(found)]),
    ...section('extensions', extensionTexts(found)),
    ...section('looking', [overheadText(found)]),
    ...section(
      'notes',
      found.notes.map((note) => `${note}.`),
    ),
    '',
    ...conclusionLines(found, { columns, paint }),
  ];
};

const identityText = ({ process, seconds, timeline }: Diagnosis): string => {
  const { user, directory, ageSeconds, parent, phpVersion, executable } = process;
  const php = phpVersion === null ? (executable ?? 'unknown program') : `PHP ${phpVersion}`;
  const by = parent === null ? '' : `, child of ${parent.name ?? 'unknown'} (pid ${parent.pid})`;
  const rss = formatBytes(timeline.at(-1)?.rssBytes ?? null);
  return `${php}, user ${user ?? '-'}, in ${directory ?? '-'}, up ${formatDuration(ageSeconds)}${by}; ${rss} resident, watched for ${formatDuration(seconds)}`;
};
