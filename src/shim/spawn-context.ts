import type { NodeMemory } from '../gate/upstream.ts';
import type { BootIdentity } from '../linux/boot.ts';
import type { Accounts } from './accounts.ts';
import type { Directories } from './directories.ts';
import type { ChainTools } from './exec-chain.ts';
import type { Facts } from './facts.ts';
import type { FifoPool } from './fifo-pool.ts';
import type { Forwarder } from './forwarder.ts';
import type { LogRegistry } from './log-registry.ts';
import type { PoisonTables } from './poison-tables.ts';
import type { Sampler } from './sampler.ts';
import type { SpawnQueue } from './spawn-queue.ts';
import type { StarvingClamps } from './starving-clamps.ts';
import type { Sweeper } from './sweeper.ts';

/** What every incarnation works with. */
export interface SpawnContext {
  boot: BootIdentity;
  directories: Directories;
  tools: ChainTools;
  accounts: Accounts;
  fifos: FifoPool;
  logs: LogRegistry;
  forwarder: Forwarder;
  facts: Facts;
  clamps: StarvingClamps;
  poison: PoisonTables;
  sampler: Sampler;
  sweeper: Sweeper;
  queue: SpawnQueue;
  nodes: NodeMemory;
}
