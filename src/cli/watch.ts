/**
 * The live view of `ackwarden run`. On a terminal, journal sentences scroll above a block that is redrawn in place; elsewhere
 * (`--watch` into a file or a pipe) each entry is a line, and a compact block follows every five seconds.
 */
import type { JournalEntry, Status } from '../api/types.ts';
import { painter } from './colour.ts';
import { formatClock } from './format.ts';
import { createLiveBlock } from './live-block.ts';
import { stripControls } from './plain.ts';
import { entryLines, outcomeSentence, sentenceOf } from './sentence.ts';
import { renderFrame } from './watch-frame.ts';
import type { WatchModel } from './watch-model.ts';
import { outputRows, workerRows } from './watch-rows.ts';
import { wrap } from './width.ts';

const REDRAW_MS = 250;
const BLOCK_MS = 5000;
/** Rows of a terminal that stay for scrolling sentences. */
const SCROLL_ROWS = 6;
/** Programs whose latest line is kept, and ids kept to recognise an outcome: bounds, far above what is shown. */
const MAX_PROGRAMS = 200;
const REMEMBERED = 5000;
const MAX_OUTPUT = 2000;
/** Lines between two drawings, far more than a terminal has rows. */
const MOST_SCROLLED = 500;

export interface WatchOptions {
  columns: number;
  rows: number;
  colour: boolean;
  tty: boolean;
  /** Block characters may be used: localeIsUtf8 of terminal.ts. Default false. */
  unicode?: boolean;
  write: (text: string) => void;
}

export interface Watch {
  journal(entry: JournalEntry): void;
  status(status: Status): void;
  /** The latest line that a worker of `program` printed. */
  output(program: string, line: string): void;
  /** Lines of workers with `forward`, for a terminal. */
  printed(text: string): void;
  /** A line of our own (what stderr would get): above the block on a terminal, so that it does not disturb it. */
  say(text: string): void;
  resize(columns: number, rows: number): void;
  /** Draws the last frame, then `text` below it; nothing is written afterwards. Cancels the timer. */
  end(text: string): void;
}

/** Which part of an entry is news: the whole of it, or the outcome of one that was shown open; null: it was shown. */
function createNews(): (entry: JournalEntry) => 'entry' | 'outcome' | null {
  const seen = new Map<string, boolean>();
  return (entry) => {
    const closed = entry.outcome !== null;
    const before = seen.get(entry.id);
    if (before === true || before === closed) return null;
    seen.set(entry.id, closed);
    if (seen.size > REMEMBERED) seen.delete(seen.keys().next().value ?? '');
    return before === undefined ? 'entry' : 'outcome';
  };
}

function createModel(options: WatchOptions): {
  model: WatchModel;
  status: (status: Status) => void;
  output: Watch['output'];
} {
  const outputs = new Map<string, string>();
  const model: WatchModel = { status: null, outputs, colour: options.colour, unicode: options.unicode ?? false };
  return {
    model,
    status: (status) => {
      model.status = status;
    },
    output: (program, line) => {
      if (outputs.has(program) || outputs.size < MAX_PROGRAMS) outputs.set(program, line.slice(0, MAX_OUTPUT));
    },
  };
}

export function createWatch(options: WatchOptions): Watch {
  return options.tty ? terminalWatch(options) : plainWatch(options);
}

function terminalWatch(options: WatchOptions): Watch {
  const { model, status, output } = createModel(options);
  const news = createNews();
  const block = createLiveBlock();
  const paint = painter(options.colour);
  let { columns, rows } = options;
  let scrolled: string[] = [];
  /** Forwarded lines that came faster than anybody could read. */
  let unshown = 0;
  let timer: NodeJS.Timeout | null = null;
  let state: 'idle' | 'scheduled' | 'ended' = 'idle';

  const draw = (): void => {
    // A line as wide as the terminal leaves the cursor in a state that terminals disagree about: one column stays free.
    const width = Math.max(1, columns - 1);
    const height = Math.max(1, rows - 1 - Math.min(SCROLL_ROWS, Math.floor(rows / 4)));
    if (unshown > 0) scrolled.push(`… ${unshown} more lines of the workers`);
    unshown = 0;
    options.write(block.draw(scrolled, renderFrame(model, width, height), columns));
    scrolled = [];
  };
  const schedule = (): void => {
    if (state !== 'idle') return;
    state = 'scheduled';
    timer = setTimeout(() => {
      state = 'idle';
      draw();
    }, REDRAW_MS);
    // The view must not keep a process alive that has nothing else to do.
    timer.unref();
  };

  return {
    journal(entry) {
      const part = news(entry);
      if (part === null || state === 'ended') return;
      const look = { columns: Math.max(1, columns - 1), paint, dated: false, unicode: model.unicode };
      scrolled.push(...entryLines(entry, look, part));
      schedule();
    },
    status(latest) {
      status(latest);
      schedule();
    },
    output(program, line) {
      output(program, line);
      schedule();
    },
    printed(text) {
      if (state === 'ended') return;
      const lines = text.replace(/\n$/, '').split('\n');
      const room = Math.max(0, MOST_SCROLLED - scrolled.length);
      for (const line of lines.slice(0, room)) scrolled.push(...wrap(stripControls(line), Math.max(1, columns - 1)));
      unshown += Math.max(0, lines.length - room);
      schedule();
    },
    say(text) {
      if (state === 'ended') return;
      scrolled.push(...wrap(stripControls(text), Math.max(1, columns - 1)));
      schedule();
    },
    resize(newColumns, newRows) {
      [columns, rows] = [newColumns, newRows];
      schedule();
    },
    end(text) {
      if (state === 'ended') return;
      if (timer !== null) clearTimeout(timer);
      state = 'ended';
      draw();
      if (text !== '') options.write(`${wrap(stripControls(text), Math.max(1, columns - 1)).join('\n')}\n`);
    },
  };
}

function plainWatch(options: WatchOptions): Watch {
  const { model, status, output } = createModel(options);
  const news = createNews();
  let { columns } = options;
  let ended = false;

  const block = (): string[] => {
    const workers = model.status?.workers ?? [];
    return [...workerRows(workers, columns, model), ...outputRows(model, columns)].map((line) => `  ${line}`.trimEnd());
  };
  const writeBlock = (): void => {
    const lines = block();
    if (lines.length > 0) options.write(`${lines.join('\n')}\n`);
  };
  const timer = setInterval(writeBlock, BLOCK_MS);
  timer.unref();

  return {
    journal(entry) {
      const part = news(entry);
      if (part === null || ended) return;
      // Not wrapped: a line is what grep and log collectors work on.
      if (part === 'entry') options.write(`${formatClock(entry.time)} ${sentenceOf(entry)}\n`);
      else options.write(`${formatClock(entry.outcome?.time ?? entry.time)} ${outcomeSentence(entry)}\n`);
    },
    status,
    output,
    printed(text) {
      if (!ended) options.write(text);
    },
    say(text) {
      if (!ended) options.write(`${stripControls(text)}\n`);
    },
    resize(newColumns) {
      columns = newColumns;
    },
    end(text) {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      writeBlock();
      if (text !== '') options.write(`${stripControls(text)}\n`);
    },
  };
}
