/**
 * When an incarnation has lived long enough. Pure. Workers that were started together shall not go together: each incarnation ends its
 * life earlier than the limit, by a share that follows from its name, so that it is the same for every controller that asks.
 */
import type { LifetimeConfig } from '../config/types.ts';
import type { Evidence } from '../core/types.ts';

/** What is known of an incarnation; `acknowledged` null: no gate counts. */
export interface Lived {
  incarnation: string;
  ageMs: number;
  acknowledged: number | null;
}

/** The rule that says it is time, with its numbers; null: not yet. */
export const judgeLifetime = (lifetime: LifetimeConfig, lived: Lived): { rule: string; evidence: Evidence } | null => {
  const { ageMs, messages } = lifetime;
  const share = 1 - (lifetime.jitterPercent / 100) * spreadOf(lived.incarnation);
  if (ageMs !== null && lived.ageMs >= ageMs * share)
    return { rule: 'lifetime.age', evidence: { ageMs: Math.round(lived.ageMs), limitMs: ageMs } };
  const { acknowledged } = lived;
  if (messages === null || acknowledged === null || acknowledged < messages * share) return null;
  return { rule: 'lifetime.messages', evidence: { acknowledged, limit: messages } };
};

/** An even number in [0, 1) from a name: FNV-1a, and the finishing steps of MurmurHash3, without which near names stay near. */
export const spreadOf = (name: string): number => {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01_00_01_93);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
};
