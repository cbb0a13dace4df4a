/** `ackwarden explain [NAME or ENTRY]`: why it is as it is, then the chain of entries that led there. */
import type { Explanation, JournalEntry } from '../api/types.ts';
import { painter } from './colour.ts';
import type { Context, GlobalOptions } from './context.ts';
import { stripControls } from './plain.ts';
import { entryLines } from './sentence.ts';
import { connect } from './target.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './width.ts';

/** The text tells the whole chain, for those who read only that; on a terminal the entries themselves follow. */
function tellsAnEntry(paragraph: string, entries: readonly JournalEntry[]): boolean {
  return entries.some(({ reason }) => reason.text !== '' && paragraph.includes(reason.text.replace(/[.;\s]+$/, '')));
}

/** Entries in the order they happened; an effect stands under its cause. Pure. */
export function explanationLines(explanation: Explanation, terminal: Terminal): string[] {
  const paint = painter(terminal.colour);
  const lines = [paint('bold', explanation.name)];
  for (const paragraph of explanation.text.split('\n').filter((text) => !tellsAnEntry(text, explanation.entries))) {
    lines.push(...wrap(stripControls(paragraph), terminal.columns - 2).map((line) => `  ${line}`.trimEnd()));
  }
  if (explanation.entries.length === 0) return lines;
  lines.push('');
  const depths = new Map<string, number>();
  for (const entry of explanation.entries) {
    const depth = entry.cause === null ? 0 : Math.min(4, (depths.get(entry.cause) ?? -1) + 1);
    depths.set(entry.id, depth);
    const look = { columns: terminal.columns - depth * 2, unicode: terminal.unicode, paint, dated: true };
    lines.push(...entryLines(entry, look).map((line) => ' '.repeat(depth * 2) + line));
  }
  return lines;
}

export async function showExplanation(of: string | null, options: GlobalOptions, context: Context): Promise<number> {
  const client = await connect(options, context);
  const explanation = await client.explain(of);
  if (options.json) context.stdout.write(`${JSON.stringify(explanation)}\n`);
  else context.stdout.write(`${explanationLines(explanation, context.stdout.terminal).join('\n')}\n`);
  return 0;
}
