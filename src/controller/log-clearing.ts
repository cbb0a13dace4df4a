/** Empties log files: the shim those that it writes, the controller those that nobody has open. */
import { truncateFile } from '../linux/truncate-file.ts';
import type { LogCleared, ToShim } from '../shim/protocol.ts';

/** The shim gives a disk that hangs less than this. */
const DEADLINE_MS = 5_000;

interface Asked {
  paths: readonly string[];
  settle: (results: readonly LogCleared[]) => void;
}

export class LogClearing {
  readonly #tell: (message: ToShim) => void;
  readonly #asked: Asked[] = [];

  constructor(tell: (message: ToShim) => void) {
    this.#tell = tell;
  }

  /** Null: emptied (or not there); else a sentence. */
  async clear(paths: readonly string[]): Promise<Map<string, string | null>> {
    const results = paths.length === 0 ? [] : await this.#ask(paths);
    return new Map(await Promise.all(results.map(async (one) => [one.path, await outcomeOf(one)] as const)));
  }

  /** To the question that waits longest: the shim answers them one by one. */
  answered(results: readonly LogCleared[]): void {
    const at = this.#asked.findIndex(({ paths }) => paths.length === results.length && paths[0] === results[0]?.path);
    const [asked] = at < 0 ? [] : this.#asked.splice(at, 1);
    asked?.settle(results);
  }

  /** The shim does not know how, or went away. */
  failed(text: string): void {
    for (const { paths, settle } of this.#asked.splice(0))
      settle(paths.map((path) => ({ path, result: 'failed', text })));
  }

  #ask(paths: readonly string[]): Promise<readonly LogCleared[]> {
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        const at = this.#asked.indexOf(asked);
        if (at >= 0) this.#asked.splice(at, 1);
        const text = `the shim has not answered within ${DEADLINE_MS / 1000} s`;
        resolve(paths.map((path) => ({ path, result: 'failed', text })));
      }, DEADLINE_MS);
      const asked: Asked = {
        paths,
        settle: (results) => {
          clearTimeout(late);
          resolve(results);
        },
      };
      this.#asked.push(asked);
      this.#tell({ type: 'clearLogs', paths: [...paths] });
    });
  }
}

async function outcomeOf({ path, result, text }: LogCleared): Promise<string | null> {
  if (result === 'failed') return text;
  if (result === 'cleared') return null;
  return truncateFile(path).then(
    () => null,
    (error: unknown) => `${path} could not be emptied: ${error instanceof Error ? error.message : String(error)}`,
  );
}
