/**
 * Prefetch clamps that starved workers of a program (gate/starvation.ts), so that its next incarnations need not find out anew. It lives
 * as long as the shim; a larger clamp in workers.yaml is tried.
 */
export class StarvingClamps {
  /** By program: the largest clamp that starved one. */
  readonly #largest = new Map<string, number>();

  starved(program: string, limit: number): void {
    this.#largest.set(program, Math.max(limit, this.#largest.get(program) ?? 0));
  }

  /** The clamp, unless it is known to starve this program. */
  allowed(program: string, clamp: number | null): number | null {
    return clamp !== null && clamp > (this.#largest.get(program) ?? 0) ? clamp : null;
  }
}
