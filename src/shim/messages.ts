/** From unknown JSON to a message of the controller; throws MessageError with a sentence. */
import { isLogSharing } from './log-sharing.ts';
import type { ToShim } from './protocol.ts';
import {
  absolute,
  ceilings,
  incarnationId,
  logLimits,
  oomScoreAdj,
  signalName,
  spawnSpec,
  stopPlan,
} from './spec-message.ts';
import { MAX_INPUT_BYTES } from './worker-input.ts';
import { MessageError, fields, integer, isFields, list, number, text } from './validate.ts';

const MAX_PID = 2 ** 31;
const MAX_PATHS = 20_000;
export const MIN_INTERVAL_MS = 50;
export const MAX_INTERVAL_MS = 3_600_000;

/** The type and incarnation that a message seems to have, for the answer when it cannot be carried out. */
export function subjectOf(value: unknown): { what: string; incarnation: string | null } {
  const found = isFields(value) ? value : {};
  const spec = isFields(found['spec']) ? found['spec'] : {};
  const incarnation = found['incarnation'] ?? spec['incarnation'];
  return {
    what: typeof found['type'] === 'string' ? found['type'].slice(0, 64) : 'message',
    incarnation: typeof incarnation === 'string' ? incarnation.slice(0, 256) : null,
  };
}

export function parseMessage(value: unknown): ToShim {
  const found = fields(value, 'message');
  const type = text(found['type'], 'type', 64);
  switch (type) {
    case 'hello':
      return {
        type,
        protocol: integer(found['protocol'], 'protocol', 1, 1e6),
        version: text(found['version'], 'version', 128),
        pid: integer(found['pid'], 'pid', 1, MAX_PID),
      };
    case 'spawn':
      return { type, spec: spawnSpec(found['spec']) };
    case 'stop':
      return { type, incarnation: incarnationId(found['incarnation']), plan: stopPlan(found['plan']) };
    case 'setLimits':
      return { type, incarnation: incarnationId(found['incarnation']), ...limitsOf(found) };
    case 'setOom':
      return { type, incarnation: incarnationId(found['incarnation']), scoreAdj: oomScoreAdj(found['scoreAdj']) };
    case 'signal':
      return { type, incarnation: incarnationId(found['incarnation']), signal: signalName(found['signal'], 'signal') };
    case 'writeStdin':
      return {
        type,
        incarnation: incarnationId(found['incarnation']),
        text: text(found['text'], 'text', MAX_INPUT_BYTES),
      };
    case 'sampling':
      return { type, intervalMs: number(found['intervalMs'], 'intervalMs', MIN_INTERVAL_MS, MAX_INTERVAL_MS) };
    case 'outputTaken':
    case 'ack':
      return { type, seq: integer(found['seq'], 'seq', 0, Number.MAX_SAFE_INTEGER) };
    case 'clearLogs':
      return { type, paths: list(found['paths'], 'paths', MAX_PATHS).map((path) => absolute(path, 'paths')) };
    case 'setLogLimits':
      return { type, path: absolute(found['path'], 'path'), limits: logLimits(found['limits'], 'limits') };
    case 'shareLogs':
      if (!isLogSharing(found['sharing'])) throw new MessageError('sharing: expected alone, leads or follows.');
      return { type, sharing: found['sharing'] };
    case 'reopenLogs':
    case 'leave':
      return { type };
    default:
      throw new MessageError(`unsupported: this shim does not know the message ${JSON.stringify(type)}.`);
  }
}

/** An earlier controller changed ceilings only. */
function limitsOf(
  found: Record<string, unknown>,
): Pick<Extract<ToShim, { type: 'setLimits' }>, 'ceilings' | 'hardPlan'> {
  const { hardPlan } = found;
  return {
    ceilings: ceilings(found['ceilings']),
    ...(hardPlan === undefined ? {} : { hardPlan: stopPlan(hardPlan) }),
  };
}
