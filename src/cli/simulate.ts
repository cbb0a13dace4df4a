/** `ackwarden simulate TRACE…`: recorded series through the policy, to tune it before production. Touches nothing. */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { replay } from '../policy/replay.ts';
import { TRACE_FILE, traceText } from '../policy/trace-text.ts';
import type { Replay, ReplayPolicy, TraceRow } from '../policy/replay.ts';
import { loadNamed } from './check.ts';
import { painter } from './colour.ts';
import { UsageError } from './context.ts';
import type { Context, GlobalOptions } from './context.ts';
import { errnoOf } from './errno.ts';
import { stripControls } from './plain.ts';
import { problemText } from './problem-text.ts';
import { policyOfFlags, policyOfProgram } from './simulate/policy.ts';
import type { SimulateFlags } from './simulate/policy.ts';
import { replaySentence } from './simulate/sentence.ts';
import { pictureOf } from './simulate/picture.ts';
import { parseTrace } from './simulate/trace.ts';
import { connect } from './target.ts';
import { wrap } from './width.ts';

export interface SimulateRequest extends SimulateFlags {
  traces: readonly string[];
  /** A living worker: what was read of its present process is one more trace. */
  worker: string | null;
  /** Print that trace and judge nothing. */
  csv: boolean;
}

interface Trace {
  trace: string;
  rows: readonly TraceRow[];
}

/** Exit 0 whatever the verdicts; a trace or policy that cannot be read is a usage error before any output. */
export async function simulate(request: SimulateRequest, options: GlobalOptions, context: Context): Promise<number> {
  const { worker, csv } = request;
  if (worker === null && csv)
    throw new UsageError('simulate: --csv prints the trace of a worker; name it with --worker');
  if (worker === null && request.traces.length === 0)
    throw new UsageError('simulate: what is to be replayed? Give CSV files, or a living worker with --worker NAME');
  const living = worker === null ? null : await (await connect(options, context)).trace(worker);
  if (living !== null && csv) {
    context.stdout.write(traceText(living.rows));
    return 0;
  }
  const named = { ...request, program: request.program ?? living?.program ?? null };
  const policy = policyOfFlags(request) ?? policyOfFile(named, options, context);
  if (policy === null) return 2;
  const traces: Trace[] = request.traces.map((trace) => ({
    trace,
    rows: parseTrace(trace, readTrace(trace, context)),
  }));
  if (living !== null) traces.unshift({ trace: living.name, rows: living.rows });
  for (const { trace, rows } of traces) {
    const found = replay(rows, policy);
    const text = options.json
      ? JSON.stringify(jsonOf(trace, found))
      : humanText(trace, { found, picture: pictureOf(rows, policy, { found, context }) }, context);
    context.stdout.write(`${text}\n`);
  }
  return 0;
}

function policyOfFile(request: SimulateFlags, options: GlobalOptions, context: Context): ReplayPolicy | null {
  const loaded = loadNamed(options.config, context);
  if (loaded.ok) return policyOfProgram(loaded.config, request.program);
  const { columns, colour } = context.stderr.terminal;
  context.stderr.write(problemText(loaded.problems, columns, painter(colour)));
  return null;
}

function unreadable(error: unknown, isBundle: boolean): string {
  const code = errnoOf(error);
  if (code === 'ENOENT') return isBundle ? `it holds no ${TRACE_FILE}` : 'there is no such file';
  // Evidence belongs to the user of the controller alone.
  if (code === 'EACCES') return 'permission denied; bundles of evidence are readable by the user of ackwarden only';
  return (error as Error).message;
}

function readTrace(trace: string, { cwd }: Context): string {
  const path = resolve(cwd, trace);
  let isBundle = false;
  try {
    isBundle = statSync(path).isDirectory();
    return readFileSync(isBundle ? join(path, TRACE_FILE) : path, 'utf8');
  } catch (error) {
    throw new UsageError(`simulate: cannot read ${trace}: ${unreadable(error, isBundle)}`);
  }
}

/** The contract (docs/design.md, section 9). */
function jsonOf(trace: string, found: Replay): object {
  return {
    trace,
    verdict: found.verdict,
    action: found.first?.action ?? 'none',
    atSeconds: found.first?.atSeconds ?? null,
    rule: found.first?.rule ?? null,
    leakingAtSeconds: found.leakingAt,
    reason: replaySentence(found),
  };
}

function humanText(
  trace: string,
  { found, picture }: { found: Replay; picture: string[] },
  { stdout }: Context,
): string {
  const { columns, colour } = stdout.terminal;
  const paint = painter(colour);
  const tone = found.first?.action === 'recycle' ? 'red' : found.verdict === 'leaking' ? 'yellow' : 'green';
  const sentence = wrap(replaySentence(found), columns - 2).map((text) => `  ${paint(tone, text)}`);
  return [paint('bold', stripControls(trace)), ...picture.map((line) => `  ${line}`), ...sentence].join('\n');
}
