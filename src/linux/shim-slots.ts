/**
 * Where shims live in a state directory. There is one, in slot 1; while an older one is being emptied (docs/design.md, section 2,
 * Versions) its successor lives beside it in the next free slot. Whoever holds the lock of a slot answers for all records in it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from './lock.ts';

export const FIRST_SLOT = 1;
/** More shims than anybody upgrades through while one job lasts. */
export const LAST_SLOT = 9;

export interface SlotPaths {
  lock: string;
  socket: string;
  fifo: string;
  incarnations: string;
}

/** Slot 1 has the plain names, `shim.sock`; the others their number in it, `shim.2.sock`. */
export const slotPaths = (stateDir: string, slot: number): SlotPaths => {
  const mark = slot === FIRST_SLOT ? '' : `.${slot}`;
  return {
    lock: join(stateDir, `shim${mark}.lock`),
    socket: join(stateDir, `shim${mark}.sock`),
    fifo: join(stateDir, `fifo${mark}`),
    incarnations: join(stateDir, `incarnations${mark}`),
  };
};

/** Slots with a shim in them, or with what a dead one left behind, lowest first. */
export const slotsInUse = (stateDir: string): number[] => {
  const names = new Set(readdirSync(stateDir));
  return allSlots().filter((slot) => {
    const { socket, incarnations } = slotPaths('', slot);
    return names.has(socket) || names.has(incarnations);
  });
};

/** Whether any shim lives: it holds its lock for as long as it does, however it ends. */
export const anyShimLives = (stateDir: string): boolean =>
  allSlots().some((slot) => {
    const { lock: path } = slotPaths(stateDir, slot);
    if (!existsSync(path)) return false;
    const lock = takeLock(path);
    lock?.release();
    return lock === null;
  });

const allSlots = (): number[] => Array.from({ length: LAST_SLOT - FIRST_SLOT + 1 }, (_, at) => FIRST_SLOT + at);
