import { PoisonTable } from '../gate/poison-table.ts';

/** The messages that workers died on, by program: incarnations come and go, and siblings share them. They live as long as the shim. */
export class PoisonTables {
  readonly #tables = new Map<string, PoisonTable>();

  of(program: string): PoisonTable {
    const table = this.#tables.get(program) ?? new PoisonTable();
    this.#tables.set(program, table);
    return table;
  }
}
