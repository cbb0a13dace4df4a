/**
 * All living shims as one. There is one of them, except while workers move out of an older one (docs/design.md, section 2, Versions): what
 * is spawned goes to the newest, everything else to the shim that the incarnation lives in, and the older one is told to leave once it is
 * empty. A controller that begins asks all slots before it lets the core hear of any: what is missing in one shim may live in another.
 */
import { FIRST_SLOT, LAST_SLOT, slotsInUse } from '../linux/shim-slots.ts';
import type { Fact, ToShim } from '../shim/protocol.ts';
import type { Hello, Told } from './shim-client.ts';
import { ShimLink } from './shim-link.ts';
import type { ShimLinkOptions } from './shim-link.ts';

/** A new shim that could not be started beside an older one is tried again so much later. */
const RENEW_AGAIN_MS = 60_000;

type LogSharing = Extract<ToShim, { type: 'shareLogs' }>['sharing'];

export interface Greeting {
  answers: { slot: number; hello: Hello }[];
  /** Of the shim that spawns go to. */
  shimPid: number;
  /** Incarnations in other shims than those that answered. */
  elsewhere: string[];
}

/** A shim whose workers are to move. */
export interface OlderShim {
  pid: number | null;
  version: string | null;
  incarnations: string[];
}

export interface ShimsListener {
  attached: (greeting: Greeting) => void;
  fact: (fact: Fact, slot: number) => void;
  message: (message: Exclude<Told, { type: 'fact' }>, slot: number) => void;
  /** A shim ended that was not told to, with so many incarnations in it. It is replaced in its slot. */
  lost: (incarnations: number) => void;
  /** A shim that was told to leave has ended. */
  left: (pid: number | null) => void;
  /** There is no shim, and none can be started. */
  trouble: (text: string) => void;
  /** There are older ones only, and none of ours can be started. */
  notRenewed: (text: string) => void;
}

export class Shims {
  readonly #options: ShimLinkOptions;
  readonly #listener: ShimsListener;
  readonly #links = new Map<number, ShimLink>();
  /** The slot that each incarnation lives in. */
  readonly #homes = new Map<string, number>();
  readonly #sharing = new Map<number, LogSharing>();
  /** Where spawns go. */
  #newest: ShimLink | null = null;
  /** While all slots are asked: who answered, and what is to be told after that. */
  #gathering: { answers: Map<number, Hello>; later: (() => void)[] } | null = null;
  #renewal: NodeJS.Timeout | null = null;

  constructor(options: ShimLinkOptions, listener: ShimsListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get pid(): number | null {
    return this.#newest?.pid ?? null;
  }

  get isEmpty(): boolean {
    return this.#links.size === 0;
  }

  /** Shims beside the newest, and what lives in them; none while there is no newer one to move to. */
  get older(): OlderShim[] {
    if (this.#newest === null || this.#newest.isOutdated) return [];
    const others = [...this.#links.values()].filter((link) => link !== this.#newest && link.version !== null);
    return others.map((link) => ({ pid: link.pid, version: link.version, incarnations: this.#livingIn(link.slot) }));
  }

  /** Attach to every living shim, replace dead ones, and start one of this build if there is none. @throws with a sentence */
  async open(): Promise<void> {
    const gathering = (this.#gathering = { answers: new Map<number, Hello>(), later: [] as (() => void)[] });
    const deserted: number[] = [];
    for (const slot of slotsInUse(this.#options.stateDir))
      if (!(await this.#linkTo(slot).attach())) deserted.push(slot);
    // Whoever takes the place of a dead one stops what it left behind.
    for (const slot of deserted) await this.#linkTo(slot).start();
    this.#choose();
    if (this.#newest === null || this.#newest.isOutdated) await this.#renew();
    this.#gathering = null;
    this.#greet([...gathering.answers].map(([slot, hello]) => ({ slot, hello })));
    for (const tell of gathering.later) tell();
  }

  /** To the shim that the message is for; dropped while that is not attached: its next attach tells what did not happen. */
  send(message: ToShim): void {
    switch (message.type) {
      case 'spawn':
        if (this.#newest !== null) this.#homes.set(message.spec.incarnation, this.#newest.slot);
        this.#newest?.send(message);
        return;
      case 'stop':
      case 'signal':
      case 'writeStdin':
      case 'setLimits':
      case 'setOom':
        (this.#links.get(this.#homes.get(message.incarnation) ?? 0) ?? this.#newest)?.send(message);
        return;
      case 'clearLogs':
        // What is open nowhere there is emptied by the controller; an older shim that has it open appends to what is there.
        this.#newest?.send(message);
        return;
      case 'leave':
        for (const link of this.#links.values()) link.leave();
        return;
      case 'hello':
      case 'ack':
      case 'outputTaken':
      case 'sampling':
      case 'reopenLogs':
      case 'setLogLimits':
      case 'shareLogs':
        for (const link of this.#links.values()) link.send(message);
    }
  }

  /** How often shims that are started from now on take samples. */
  sampleEvery(intervalMs: number): void {
    this.#options.intervalMs = intervalMs;
  }

  /** To the shim of a slot, whatever is in it. */
  tell(slot: number, message: ToShim): void {
    this.#links.get(slot)?.send(message);
  }

  /** Everything heard so far is safe: the shims may forget it. */
  acknowledge(): void {
    // What was heard while the slots were asked has not reached the core yet.
    if (this.#gathering === null) for (const link of this.#links.values()) link.acknowledge();
  }

  /** Let shims go that are empty and no longer needed. */
  retire(): void {
    if (this.#gathering !== null || this.#newest?.isAttached !== true) return;
    for (const link of this.#links.values()) {
      if (link === this.#newest || link.isLeaving || !link.isSettled) continue;
      if (this.#livingIn(link.slot).length === 0) link.leave();
    }
  }

  /** Let go of the shims; they and their workers go on. */
  close(): void {
    if (this.#renewal !== null) clearTimeout(this.#renewal);
    for (const link of this.#links.values()) link.close();
  }

  #livingIn(slot: number): string[] {
    return [...this.#homes].flatMap(([incarnation, home]) => (home === slot ? [incarnation] : []));
  }

  #linkTo(slot: number): ShimLink {
    const known = this.#links.get(slot);
    if (known !== undefined) return known;
    const link = new ShimLink(slot, this.#options, {
      attached: (hello) => this.#meet(slot, hello),
      fact: (fact) => this.#inTurn(() => this.#hear(fact, slot)),
      message: (message) => this.#inTurn(() => this.#take(message, slot)),
      lost: () => this.#lose(slot),
      left: () => this.#bury(slot),
      trouble: (text) => this.#listener.trouble(text),
    });
    this.#links.set(slot, link);
    return link;
  }

  #inTurn(act: () => void): void {
    if (this.#gathering === null) act();
    else this.#gathering.later.push(act);
  }

  #meet(slot: number, hello: Hello): void {
    for (const incarnation of this.#livingIn(slot)) this.#homes.delete(incarnation);
    for (const { incarnation } of hello.incarnations) this.#homes.set(incarnation, slot);
    for (const incarnation of hello.untold ?? []) this.#homes.set(incarnation, slot);
    this.#sharing.delete(slot);
    if (this.#gathering === null) this.#greet([{ slot, hello }]);
    else this.#gathering.answers.set(slot, hello);
  }

  #greet(answers: Greeting['answers']): void {
    this.#choose();
    const slots = new Set(answers.map(({ slot }) => slot));
    const elsewhere = [...this.#homes].flatMap(([incarnation, home]) => (slots.has(home) ? [] : [incarnation]));
    this.#listener.attached({ answers, shimPid: this.pid ?? 0, elsewhere });
    this.#shareLogs();
  }

  #hear(fact: Fact, slot: number): void {
    if (fact.kind === 'exited' || fact.kind === 'spawnFailed') this.#homes.delete(fact.incarnation);
    this.#listener.fact(fact, slot);
  }

  #take(message: Exclude<Told, { type: 'fact' }>, slot: number): void {
    const failed = message.type === 'refused' && message.what === 'spawn' ? message.incarnation : null;
    if (failed !== null) this.#homes.delete(failed);
    this.#listener.message(message, slot);
  }

  #lose(slot: number): void {
    const lost = this.#livingIn(slot);
    for (const incarnation of lost) this.#homes.delete(incarnation);
    if (this.#gathering === null) this.#listener.lost(lost.length);
    else this.#gathering.answers.delete(slot);
  }

  #bury(slot: number): void {
    const link = this.#links.get(slot);
    this.#links.delete(slot);
    if (this.#newest === link) this.#newest = null;
    this.#listener.left(link?.lastPid ?? null);
    if (this.#gathering === null) this.#shareLogs();
  }

  /** Spawns stay with the shim they go to, for as long as it is of this build, also while it is being replaced. */
  #choose(): void {
    const isOurs = (link: ShimLink): boolean => !link.isOutdated && !link.isLeaving;
    if (this.#gathering === null && this.#newest !== null && isOurs(this.#newest)) return;
    const fullest = [...this.#links.values()]
      .filter((link) => link.isAttached)
      .toSorted((a, b) => this.#livingIn(b.slot).length - this.#livingIn(a.slot).length);
    this.#newest = fullest.find(isOurs) ?? fullest.find((link) => !link.isLeaving) ?? null;
  }

  /** Start a shim of this build in the first free slot. An older one that lives has to do where that fails. */
  async #renew(): Promise<void> {
    let slot = FIRST_SLOT;
    while (this.#links.has(slot)) slot += 1;
    try {
      if (slot > LAST_SLOT) throw new Error(`${LAST_SLOT} older shims still have workers`);
      await this.#linkTo(slot).start();
      this.#choose();
    } catch (error) {
      this.#links.get(slot)?.close();
      this.#links.delete(slot);
      if (this.#newest === null) throw error;
      const { message } = error as Error;
      this.#inTurn(() => this.#listener.notRenewed(message));
      this.#renewal = setTimeout(() => void this.#renew(), RENEW_AGAIN_MS);
    }
  }

  /** Of several shims only the newest rotates the log files. A shim that does not know its build does not know of this either. */
  #shareLogs(): void {
    const links = [...this.#links.values()].filter((link) => link.isAttached);
    for (const link of links) {
      const sharing = links.length === 1 ? 'alone' : link === this.#newest ? 'leads' : 'follows';
      if (!link.sharesLogs || this.#sharing.get(link.slot) === sharing) continue;
      this.#sharing.set(link.slot, sharing);
      link.send({ type: 'shareLogs', sharing });
    }
  }
}
