/** The window as a picture: memory, processor and messages over time. No script, no font of its own: any browser or chat shows it. */
import { basename } from 'node:path';
import type { Diagnosis, Tick } from './types.ts';
import { nativeOf } from './figures.ts';
import { bytes, duration, percent } from './words.ts';

const WIDTH = 960;
const LEFT = 76;
const RIGHT = 20;
const TOP = 88;
const GAP = 34;
const GRIDS = 4;

interface Line {
  name: string;
  colour: string;
  of: (tick: Tick) => number | null;
  filled?: boolean;
}

interface Panel {
  title: string;
  height: number;
  /** The scale goes at least so far. */
  least: number;
  lines: Line[];
  label: (value: number) => string;
}

const MEMORY: Line[] = [
  { name: 'resident', colour: '#3b6ea8', of: ({ rssBytes }) => rssBytes, filled: true },
  { name: "outside PHP's heap", colour: '#c8553d', of: nativeOf },
  { name: "PHP's own heap", colour: '#4c8f5b', of: ({ zendUsedBytes }) => zendUsedBytes },
];
const HELPERS: Line = { name: 'helpers', colour: '#8a5fa3', of: ({ helperBytes }) => helperBytes };
const PROCESSOR: Line[] = [
  { name: 'user', colour: '#3b6ea8', of: ({ userPercent }) => userPercent, filled: true },
  { name: 'system', colour: '#c8553d', of: ({ systemPercent }) => systemPercent },
];
const DESCRIPTORS: Line[] = [{ name: 'open', colour: '#8a6d1a', of: ({ descriptors }) => descriptors, filled: true }];
/** A picture of what does not change says nothing. */
const LEAST_DESCRIPTORS = 10;
const MESSAGES: Line[] = [
  { name: 'acknowledged', colour: '#4c8f5b', of: ({ acknowledged }) => acknowledged, filled: true },
];

const panelsOf = (ticks: readonly Tick[]): Panel[] => {
  const first = ticks[0]?.acknowledged ?? null;
  const since: Line[] = MESSAGES.map((line) => ({
    ...line,
    of: ({ acknowledged }) => (acknowledged === null || first === null ? null : acknowledged - first),
  }));
  const memory = ticks.some(({ helperBytes }) => helperBytes > 0) ? [...MEMORY, HELPERS] : MEMORY;
  return [
    { title: 'Memory', height: 200, least: 1, lines: memory.filter((line) => known(ticks, line)), label: bytes },
    {
      title: 'Descriptors',
      height: 90,
      least: 10,
      lines: descriptorsChange(ticks) ? DESCRIPTORS : [],
      label: (value: number): string => String(Math.round(value)),
    },
    {
      title: 'Processor',
      height: 90,
      least: 20,
      lines: PROCESSOR.filter((line) => known(ticks, line)),
      label: (value: number): string => `${Math.round(value)} %`,
    },
    {
      title: 'Messages',
      height: 90,
      least: 10,
      lines: since.filter((line) => known(ticks, line)),
      label: (value: number): string => String(Math.round(value)),
    },
  ].filter(({ lines }) => lines.length > 0);
};

const descriptorsChange = (ticks: readonly Tick[]): boolean => {
  const counts = ticks.flatMap(({ descriptors }) => (descriptors === null ? [] : [descriptors]));
  return counts.length > 0 && Math.max(...counts) - Math.min(...counts) >= LEAST_DESCRIPTORS;
};

const known = (ticks: readonly Tick[], { of }: Line): boolean => ticks.some((tick) => of(tick) !== null);

export const timelineSvg = (found: Diagnosis): string => {
  const ticks = found.timeline;
  const panels = panelsOf(ticks);
  const span = Math.max(ticks.at(-1)?.seconds ?? 0, 0.001);
  let top = TOP;
  const drawn = panels.map((panel) => {
    const part = drawPanel(panel, ticks, { top, span });
    top += panel.height + GAP;
    return part;
  });
  const height = top + 18;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fcfcfb"/>`,
    ...heading(found),
    ...drawn,
    `<text x="${LEFT}" y="${top - 2}" fill="#666">0 s</text>`,
    `<text x="${WIDTH - RIGHT}" y="${top - 2}" fill="#666" text-anchor="end">${escape(duration(span))}</text>`,
    '</svg>',
    '',
  ].join('\n');
};

const heading = ({ process, managed, conclusion, takenAt }: Diagnosis): string[] => {
  const who = managed?.worker ?? basename(process.executable ?? 'process');
  const { kind, module, confidence } = conclusion;
  const verdict = `${kind}${module === null ? '' : `: ${module}`}, ${percent(confidence)} sure`;
  const colour = kind === 'none' || kind === 'growth-normal' ? '#4c8f5b' : kind === 'unknown' ? '#8a6d1a' : '#c8553d';
  return [
    `<text x="${LEFT}" y="28" font-size="18" font-weight="600" fill="#222">${escape(`${who}, pid ${process.pid}`)}</text>`,
    `<text x="${WIDTH - RIGHT}" y="28" fill="#666" text-anchor="end">${escape(takenAt)}</text>`,
    `<text x="${LEFT}" y="48" font-size="14" fill="${colour}">${escape(verdict)}</text>`,
  ];
};

const drawPanel = (panel: Panel, ticks: readonly Tick[], { top, span }: { top: number; span: number }): string => {
  const { title, height, lines, label } = panel;
  const highest = niceTop(
    Math.max(...lines.flatMap(({ of }) => ticks.map((tick) => of(tick) ?? 0)), panel.least),
    label,
  );
  const x = (seconds: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * seconds) / span;
  const y = (value: number): number => top + height - (height * value) / highest;
  const grid = Array.from({ length: GRIDS + 1 }, (_, step) => {
    const value = (highest * step) / GRIDS;
    const at = fixed(y(value));
    const line = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="${step === 0 ? '#999' : '#e4e4e0'}"/>`;
    return step % 2 === 1
      ? line
      : `${line}<text x="${LEFT - 8}" y="${fixed(y(value) + 4)}" fill="#666" text-anchor="end">${escape(label(value))}</text>`;
  });
  const drawn = lines.map((line) => drawLine(line, ticks, { x, y }));
  return [...grid, ...drawn, legend(title, lines, top)].join('\n');
};

/** Colours in one row above the panel, the title first. */
const legend = (title: string, lines: readonly Line[], top: number): string => {
  let at = LEFT + title.length * 7 + 18;
  const names = lines.map(({ name, colour }) => {
    const mark = `<rect x="${at}" y="${top - 15}" width="10" height="10" rx="2" fill="${colour}"/><text x="${at + 15}" y="${top - 6}" fill="#444">${escape(name)}</text>`;
    at += name.length * 6.5 + 34;
    return mark;
  });
  return `<text x="${LEFT}" y="${top - 6}" font-weight="600" fill="#222">${title}</text>${names.join('')}`;
};

interface Scale {
  x: (seconds: number) => number;
  y: (value: number) => number;
}

const drawLine = ({ colour, of, filled }: Line, ticks: readonly Tick[], { x, y }: Scale): string => {
  const points = ticks.flatMap((tick) => {
    const value = of(tick);
    return value === null ? [] : [`${fixed(x(tick.seconds))},${fixed(y(value))}`];
  });
  const [first, last] = [points[0]?.split(',')[0] ?? '0', points.at(-1)?.split(',')[0] ?? '0'];
  const area =
    filled === true
      ? `<polygon points="${first},${fixed(y(0))} ${points.join(' ')} ${last},${fixed(y(0))}" fill="${colour}" fill-opacity="0.12"/>`
      : '';
  return `${area}<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linejoin="round"/>`;
};

/** The next round number: 1, 2, 4 or 8 times a power of its unit's base. */
const niceTop = (value: number, label: Panel['label']): number => {
  const base = label === bytes ? 2 : 10;
  if (base === 2) return niceBytes(value);
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
};

const niceBytes = (value: number): number => {
  const power = 2 ** Math.floor(Math.log2(value));
  return ([1, 1.25, 1.5, 1.75, 2].find((step) => step * power >= value) ?? 2) * power;
};

const fixed = (value: number): string => value.toFixed(1);

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
