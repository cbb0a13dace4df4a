import type { Sample } from '../../../src/shim/protocol.ts';

/** A reading that knows nothing; tests fill in what they are about. */
export const NO_FIGURES: Sample = {
  at: 0,
  rssBytes: 0,
  virtualBytes: null,
  anonBytes: null,
  swapBytes: null,
  pssBytes: null,
  treeBytes: null,
  userTicks: null,
  systemTicks: null,
  voluntarySwitches: null,
  involuntarySwitches: null,
  threads: null,
  oomScore: null,
  oomScoreAdj: null,
  zendHeapBytes: null,
  zendHeapRealBytes: null,
  treeUserTicks: null,
  treeSystemTicks: null,
  treeJudgedBytes: null,
};
