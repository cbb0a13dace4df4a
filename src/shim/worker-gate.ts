/**
 * The gate of one incarnation (src/gate), as the stop ladder and the controller need it: who may come in, where the worker finds it,
 * what it holds, and which of its reports are worth a fact.
 */
import { openGate } from '../gate/open-gate.ts';
import type { Gate } from '../gate/open-gate.ts';
import type { PoisonTable } from '../gate/poison-table.ts';
import type { GateReport, Obstacle, Peer } from '../gate/reports.ts';
import type { MessageIdentity } from '../gate/trace.ts';
import type { NodeMemory, Upstream } from '../gate/upstream.ts';
import { tlsFailure, tlsOptions } from '../linux/broker-tls.ts';
import { monotonicMs } from '../linux/clock.ts';
import { readStat } from '../linux/process-identity.ts';
import { processTree } from '../linux/process-tree.ts';
import { SLEEPING } from '../linux/proc-stat.ts';
import { holdsSocket, readTcpPeer } from '../linux/tcp-peer.ts';
import { isDeath, isThreshold } from './death.ts';
import type { ExitStatus, FactBody, GateFigures, GateTrouble, StopReport } from './protocol.ts';
import type { GateSpec, UpstreamSpec } from './spawn-spec.ts';
import { shimLog } from './shim-log.ts';
import type { StarvingClamps } from './starving-clamps.ts';

/** A worker that has not come by then talks to its broker past us: a cached configuration, another variable. */
const BYPASS_MS = 30_000;
const LOOPBACK = '127.0.0.1';

type GateFact = Extract<FactBody, { kind: 'gate' }>;

export interface WorkerGateOptions {
  spec: GateSpec;
  incarnation: string;
  program: string;
  /** Which nodes of brokers are away, as any gate found. */
  nodes: NodeMemory;
  /** Whom the worker runs as. */
  uid: number;
  /** The worker's own pid; null before its start and after its end. */
  pid: () => number | null;
  drained: () => void;
  stuck: (blind: boolean) => void;
  /** Clamps that were found to starve workers of this program, by earlier incarnations as well. */
  clamps: StarvingClamps;
  /** Messages that workers of this program died on. */
  table: PoisonTable;
  fact: (fact: FactBody) => void;
}

export class WorkerGate {
  readonly #options: WorkerGateOptions;
  readonly #said = new Set<string>();
  #gate: Gate | null = null;
  #use: 'none yet' | 'used' | 'bypassed' = 'none yet';
  #bypassTimer: NodeJS.Timeout | null = null;
  /** CPU ticks when it was last asked whether the worker is idle. */
  #ticks: number | null = null;

  private constructor(options: WorkerGateOptions) {
    this.#options = options;
  }

  /** Rejects with a sentence when no port can be had. */
  static async open(options: WorkerGateOptions): Promise<WorkerGate> {
    const gate = new WorkerGate(options);
    const { upstreams, prefetch, poison } = options.spec;
    gate.#gate = await openGate({
      upstreams: upstreams.map(upstreamOf),
      memory: options.nodes,
      prefetch: options.clamps.allowed(options.program, prefetch),
      poison: poison && { table: options.table, rejectAfter: poison.action === 'reject' ? poison.deaths : null },
      listen: LOOPBACK,
      admit: (peer) => gate.#admit(peer),
      hasRead: (peer) => gate.#hasRead(peer),
      onReport: (report) => gate.#hear(report),
      now: monotonicMs,
    });
    return gate;
  }

  /** What the worker's environment needs: our address in place of its broker's; the URL has a password in it. */
  get environment(): Record<string, string> {
    const { hostVariable, portVariable, dsn } = this.#options.spec;
    const port = String(this.#gate?.port ?? '');
    const url = dsn === null ? {} : { [dsn.variable]: `${dsn.before}${LOOPBACK}:${port}${dsn.after}` };
    return { [hostVariable]: LOOPBACK, [portVariable]: port, ...url };
  }

  /** Null: the worker goes past the gate, and nobody knows. */
  get inFlight(): number | null {
    return this.#use === 'bypassed' ? null : (this.#gate?.counters().inFlight ?? null);
  }

  figures(): GateFigures | null {
    if (this.#gate === null) return null;
    const { inFlight, prefetch, delivered, acknowledged, rejected, redelivered, returned, ...rest } =
      this.#gate.counters();
    const { oldestUnacknowledgedAt, connections } = rest;
    const counts = { inFlight, prefetch, delivered, acknowledged, rejected, redelivered, returned };
    const draining = this.#gate.state === 'quiescing' ? 1 : 0;
    return { ...counts, oldestUnacknowledgedAt, connections, draining };
  }

  /** The process is there: from now on it is expected to come. */
  workerStarted(): void {
    this.#bypassTimer = setTimeout(() => this.#noteBypass(), BYPASS_MS);
    this.#bypassTimer.unref();
  }

  /**
   * Asleep, no CPU since the last question, nothing said to the broker for `quietMs`, and nothing that would be lost. The first
   * question only takes the measure.
   */
  isIdle(quietMs: number): boolean {
    const pid = this.#options.pid();
    const stat = pid === null ? null : readStat(pid);
    if (stat === null || this.#gate === null) return true;
    const ticks = stat.userTicks + stat.systemTicks;
    const before = this.#ticks;
    this.#ticks = ticks;
    const { lastClientFrameAt } = this.#gate.counters();
    const isQuiet = lastClientFrameAt === null || monotonicMs() - lastClientFrameAt >= quietMs;
    return before === ticks && isQuiet && stat.state === SLEEPING && this.#gate.obstacle() === null;
  }

  quiesce(): void {
    this.#said.delete('stuckDrain');
    this.#gate?.quiesce();
  }

  resume(): void {
    this.#gate?.resume();
  }

  /** The worker is gone: resolves when what it said last is counted. Before `workerEnded`. */
  async readOut(): Promise<void> {
    await this.#gate?.readOut();
  }

  /** The worker is gone: if it died, what it was at is held against its message. Before `close`. */
  workerEnded(status: ExitStatus, stop: StopReport | null): void {
    const { spec, table } = this.#options;
    if (spec.poison === null || this.#gate === null || !isDeath(status, stop, spec.poison.exitCodes)) return;
    for (const message of this.#gate.suspects()) {
      const deaths = table.died(message, monotonicMs());
      if (isThreshold(deaths, spec.poison.deaths)) this.#sayPoison('died', message, { deaths, ...status });
    }
  }

  /** Called once the worker is gone, or was never started. */
  close(): void {
    if (this.#bypassTimer !== null) clearTimeout(this.#bypassTimer);
    this.#gate
      ?.close()
      .catch((error: unknown) =>
        shimLog(`The gate of ${this.#options.incarnation} did not close well: ${String(error)}`),
      );
  }

  /** Only the worker's own processes: by user always, by process where its descriptors can be read. */
  async #admit(peer: Peer): Promise<boolean> {
    const pid = this.#options.pid();
    const found = await readTcpPeer(peer.port, this.#gate?.port ?? 0);
    if (pid === null || found === null || found.uid !== this.#options.uid) return false;
    let canTell = false;
    for (const member of processTree(pid)) {
      const holds = holdsSocket(member, found.inode);
      if (holds === true) return true;
      if (holds === false) canTell = true;
    }
    return !canTell;
  }

  #hear(report: GateReport): void {
    const { incarnation, drained, stuck, fact } = this.#options;
    switch (report.kind) {
      case 'consuming':
        fact({ kind: 'consuming', incarnation });
        return;
      case 'drained':
        // The measure that the settling compares with.
        this.isIdle(0);
        drained();
        return;
      case 'stuckDrain':
        this.#say('stuckDrain', { reason: report.reason, text: stuckText(report), inFlight: report.inFlight });
        stuck(report.reason === 'notGated');
        return;
      case 'connectionOpened':
        this.#use = 'used';
        return;
      case 'resumed':
        fact({ kind: 'gate', incarnation, what: 'resumed', reason: null, text: '', inFlight: this.inFlight });
        return;
      case 'poisonRejected':
        this.#sayPoison('rejected', report.message, { deaths: report.deaths });
        return;
      case 'starved':
        this.#noteStarved(report);
        return;
      case 'stayedDeaf':
        fact({ kind: 'stayedDeaf', incarnation, reason: report.reason, text: report.text, forMs: report.forMs });
        return;
      case 'deaf':
        this.#say('deaf', { reason: report.reason, text: report.text, inFlight: this.inFlight });
        return;
      case 'notGated':
      case 'refused':
      case 'unreachable':
        this.#say(report.kind, { reason: null, text: report.text, inFlight: null });
        return;
      case 'connectionClosed':
    }
  }

  /** Once for each reason: facts are kept until somebody has read them. */
  #say(what: GateTrouble, about: Omit<GateFact, 'kind' | 'incarnation' | 'what'>): void {
    const key = `${what} ${about.reason ?? ''}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#options.fact({ kind: 'gate', incarnation: this.#options.incarnation, what, ...about });
  }

  #noteStarved({ limit, asked, inFlight, waitedMs }: Extract<GateReport, { kind: 'starved' }>): void {
    const { clamps, program } = this.#options;
    clamps.starved(program, limit);
    this.#say('starved', { reason: null, text: '', inFlight, figures: { limit, asked, waitedMs } });
  }

  #sayPoison(reason: 'died' | 'rejected', message: MessageIdentity, about: GateFact['figures']): void {
    const { incarnation, spec, fact } = this.#options;
    const { queue, messageId, fingerprint, contentType, sizeBytes } = message;
    const figures = {
      queue,
      messageId,
      fingerprint,
      contentType,
      sizeBytes,
      ...about,
      action: spec.poison?.action ?? null,
    };
    fact({ kind: 'gate', incarnation, what: 'poison', reason, text: '', inFlight: null, figures });
  }

  async #hasRead(peer: Peer): Promise<boolean> {
    try {
      const socket = await readTcpPeer(peer.port, this.#gate?.port ?? 0);
      return socket === null || socket.unread === 0;
    } catch (error) {
      shimLog(`What ${this.#options.incarnation} has read could not be found out: ${String(error)}`);
      return false;
    }
  }

  #noteBypass(): void {
    if (this.#use !== 'none yet' || this.#options.pid() === null) return;
    this.#use = 'bypassed';
    const { hostVariable, portVariable, dsn } = this.#options.spec;
    const names = `${hostVariable} and ${portVariable}`;
    const text = dsn === null ? names : `${dsn.variable}, or ${names}`;
    this.#say('bypassed', { reason: null, text, inFlight: null });
  }
}

const upstreamOf = ({ host, port, tls }: UpstreamSpec): Upstream => ({
  host,
  port,
  tls: tls && { options: () => tlsOptions(tls), explain: (error) => tlsFailure(error, tls) },
});

const stuckText = ({ inFlight, oldestUnacknowledgedAt }: Obstacle): string => {
  const age = oldestUnacknowledgedAt === null ? null : Math.round((monotonicMs() - oldestUnacknowledgedAt) / 1000);
  return age === null ? `${inFlight} in flight` : `${inFlight} in flight, the oldest for ${age} s`;
};
