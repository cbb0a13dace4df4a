/**
 * What one channel is publishing: the content whose frames are under way (no other frame of the channel may come between them),
 * publishes the broker has not confirmed, and publishes of an open transaction.
 */
type Content = { part: 'none' } | { part: 'header' } | { part: 'body'; missing: number };

export class PublishLedger {
  #content: Content = { part: 'none' };
  #confirms: { next: number; open: Set<number> } | null = null;
  #uncommitted = 0;

  get isContentOpen(): boolean {
    return this.#content.part !== 'none';
  }

  get unconfirmed(): number {
    return this.#confirms?.open.size ?? 0;
  }

  get uncommitted(): number {
    return this.#uncommitted;
  }

  /** Publishes that are not over: an open content, and what waits for a confirm. */
  get open(): number {
    return this.unconfirmed + (this.isContentOpen ? 1 : 0);
  }

  /** confirm.select: publishes are numbered from 1 on. A second one changes nothing. */
  select(): void {
    this.#confirms ??= { next: 1, open: new Set() };
  }

  published(inTransaction: boolean): void {
    this.#content = { part: 'header' };
    if (inTransaction) this.#uncommitted += 1;
    if (this.#confirms === null) return;
    this.#confirms.open.add(this.#confirms.next);
    this.#confirms.next += 1;
  }

  header(bodySize: number): void {
    this.#content = bodySize === 0 ? { part: 'none' } : { part: 'body', missing: bodySize };
  }

  body(size: number): void {
    if (this.#content.part !== 'body') return;
    const missing = this.#content.missing - size;
    this.#content = missing > 0 ? { part: 'body', missing } : { part: 'none' };
  }

  /** A confirm (ack or nack) of the broker. */
  confirmed(tag: number, multiple: boolean): void {
    const open = this.#confirms?.open;
    if (open === undefined) return;
    if (!multiple) {
      open.delete(tag);
      return;
    }
    for (const candidate of open) {
      if (tag !== 0 && candidate > tag) return;
      open.delete(candidate);
    }
  }

  /** The client asked for a commit or rollback. */
  transactionEnding(): void {
    this.#uncommitted = 0;
  }
}
