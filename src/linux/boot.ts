import { readFileSync, readlinkSync } from 'node:fs';

/** Which boot of which machine, and which pid namespace: without both, a recorded pid means nothing. */
export interface BootIdentity {
  bootId: string;
  /** As in `pid:[4026531836]`, the number only. */
  pidNamespace: string;
}

/** Read /proc/sys/kernel/random/boot_id and /proc/self/ns/pid (pid_namespaces(7)). */
export function readBootIdentity(): BootIdentity {
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    pidNamespace: readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, ''),
  };
}
