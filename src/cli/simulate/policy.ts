/** Under which policy a trace is replayed: that of a program of workers.yaml, or what the flags say. */
import { parseDuration, parseSize } from '../../config/units.ts';
import type { Parsed } from '../../config/parsed.ts';
import type { Config } from '../../config/types.ts';
import type { ReplayPolicy } from '../../policy/replay.ts';
import { UsageError } from '../context.ts';

export interface SimulateFlags {
  program: string | null;
  soft: string | null;
  hard: string | null;
  horizon: string | null;
}

const DEFAULT_GROWTH = { windowMs: 1_200_000, horizonMs: 600_000, action: 'recycle' } as const;

/** Null: the flags name no policy, workers.yaml does. */
export function policyOfFlags(flags: SimulateFlags): ReplayPolicy | null {
  const { soft, hard, horizon } = flags;
  if (soft === null && hard === null && horizon === null) return null;
  if (flags.program !== null)
    throw new UsageError('simulate: give either --program, or --soft, --hard and --horizon, not both');
  if (soft === null && hard === null)
    throw new UsageError('simulate: --horizon needs --soft or --hard, the ceiling it looks ahead to');
  const softBytes = soft === null ? null : flag('--soft', soft, parseSize);
  const hardBytes = hard === null ? null : flag('--hard', hard, parseSize);
  if (softBytes !== null && hardBytes !== null && softBytes > hardBytes)
    throw new UsageError(
      `simulate: --soft ${soft} is above --hard ${hard}; a worker is recycled in time below, not above`,
    );
  return {
    softBytes,
    hardBytes,
    killBytes: hardBytes === null ? null : Math.round(hardBytes * 1.25),
    metric: 'rss',
    growth: {
      ...DEFAULT_GROWTH,
      ...(horizon === null ? {} : { horizonMs: flag('--horizon', horizon, parseDuration) }),
    },
  };
}

export function policyOfProgram(config: Config, name: string | null): ReplayPolicy {
  const names = Object.keys(config.programs);
  const chosen = name ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined) throw new UsageError(`simulate: whose policy? Give -p with one of ${names.join(', ')}`);
  const memory = config.programs[chosen]?.memory;
  if (memory === undefined)
    throw new UsageError(`simulate: there is no program "${chosen}" in ${config.file}; there are ${names.join(', ')}`);
  const { softBytes, hardBytes, killBytes, metric, growth } = memory;
  return { softBytes, hardBytes, killBytes, metric, growth };
}

function flag(name: string, text: string, parse: (text: string) => Parsed<number>): number {
  const parsed = parse(text);
  if (parsed.ok) return parsed.value;
  const meant = parsed.suggestion === null ? '' : `; did you mean ${parsed.suggestion}?`;
  throw new UsageError(`simulate: ${name} ${text}: expected ${parsed.expected}${meant}`);
}
