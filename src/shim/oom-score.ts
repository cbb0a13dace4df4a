import { readFileSync, writeFileSync } from 'node:fs';

/** Write oom_score_adj of a living process and read it back. Throws a sentence when the kernel refuses. */
export const writeOomScoreAdj = (pid: number, scoreAdj: number, incarnation: string): void => {
  const path = `/proc/${pid}/oom_score_adj`;
  const trouble = `oom_score_adj of ${incarnation} could not be set to ${scoreAdj}`;
  let found: string;
  try {
    writeFileSync(path, String(scoreAdj));
    found = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const hint = 'lowering it, and that of another user, needs root with CAP_SYS_RESOURCE';
    throw new Error(`${trouble}: ${String(error)}; ${hint}.`, { cause: error });
  }
  if (found !== String(scoreAdj)) throw new Error(`${trouble}: it reads back as ${found}.`);
};
