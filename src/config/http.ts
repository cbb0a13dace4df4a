/** The control interface on TCP: its address taken apart, its files found. What is in them is read when somebody listens. */
import { dirname } from 'node:path';
import { absolute } from './paths.ts';
import type { SettingsValues } from './schema/root.ts';
import type { HttpConfig } from './types.ts';

/** @param file absolute path of workers.yaml. Null: not asked for, or it has a fault of its own (checks/exclusive.ts). */
export function httpOf({ http }: SettingsValues, file: string): HttpConfig | null {
  if (http === null || http.tokenFile === null) return null;
  const { listen, username, passwordFile } = http;
  const colon = listen.lastIndexOf(':');
  const path = (written: string): string => absolute(dirname(file), written);
  return {
    host: listen.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(listen.slice(colon + 1)),
    tokenFile: path(http.tokenFile),
    basic: username === null || passwordFile === null ? null : { username, passwordFile: path(passwordFile) },
  };
}
