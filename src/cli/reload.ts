/** `ackwarden reload`: the controller reads workers.yaml again; its plan is printed, as it was applied or would be. */
import { painter } from './colour.ts';
import type { Context, GlobalOptions } from './context.ts';
import { planLines } from './plan-lines.ts';
import { problemText } from './problem-text.ts';
import { connect } from './target.ts';

/** Exit code: 0, also where some keys keep their values; 2 for an invalid file. */
export async function reload(dryRun: boolean, options: GlobalOptions, context: Context): Promise<number> {
  const client = await connect(options, context);
  const reply = await client.reload({ dryRun });
  const { stdout, stderr } = context;
  if (options.json) stdout.write(`${JSON.stringify(reply)}\n`);
  else if (reply.ok) stdout.write(`${planLines(reply, stdout.terminal.columns).join('\n')}\n`);
  else stderr.write(problemText(reply.problems, stderr.terminal.columns, painter(stderr.terminal.colour)));
  return reply.ok ? 0 : 2;
}
