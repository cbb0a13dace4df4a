import { lookUpAccount } from '../linux/passwd.ts';
import type { Account } from '../linux/passwd.ts';
import { monotonicMs } from '../linux/clock.ts';

/** An account may change while we run (LDAP), but a fleet of one user should not ask a hundred times at once. */
const KEEP_MS = 10_000;

/** Accounts by the name that was asked for, kept for a moment. */
export class Accounts {
  readonly #kept = new Map<string, { account: Promise<Account | null>; at: number }>();

  find(user: string): Promise<Account | null> {
    const now = monotonicMs();
    const known = this.#kept.get(user);
    if (known !== undefined && now - known.at < KEEP_MS) return known.account;
    const account = lookUpAccount(user);
    this.#kept.set(user, { account, at: now });
    account.catch(() => this.#kept.delete(user));
    return account;
  }
}
