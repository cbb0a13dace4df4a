/** Telling systemd how we are (sd_notify(3)). Node has no unix datagram sockets, so systemd-notify(1) does it: NotifyAccess=all. */
import { execFile } from 'node:child_process';

/** One notification, e.g. `READY=1`; nothing happens outside of systemd, and a failure is only said. */
const notify = (...states: string[]): void => {
  if (process.env['NOTIFY_SOCKET'] === undefined) return;
  execFile('systemd-notify', [`--pid=${process.pid}`, ...states], (error) => {
    if (error !== null) process.stderr.write(`ackwarden: systemd-notify failed: ${error.message}\n`);
  });
};

export const notifyReady = (): void => notify('--ready');
export const notifyStopping = (): void => notify('STOPPING=1');

/** Keep the watchdog fed at half its interval; returns the way to stop. Without WatchdogSec= nothing runs. */
export const feedWatchdog = (): (() => void) => {
  const micros = Number(process.env['WATCHDOG_USEC'] ?? '');
  if (!(micros > 0)) return () => undefined;
  const timer = setInterval(() => notify('WATCHDOG=1'), micros / 2000);
  timer.unref();
  return () => clearInterval(timer);
};
