/** The secrets of the control interface on TCP, read when it is opened: one line in a file each. */
import { readFileSync } from 'node:fs';
import type { Credentials } from '../api/authentication.ts';
import type { HttpConfig } from '../config/types.ts';

/** A token is no password that a person remembers: whoever has it rules every worker. */
const LEAST_TOKEN = 16;

/** @throws a sentence that names the key, the file and what is wrong with it, never the secret */
export const credentialsOf = ({ tokenFile, basic }: HttpConfig): Credentials => ({
  token: secretIn(tokenFile, 'http.tokenFile', LEAST_TOKEN),
  basic:
    basic === null
      ? null
      : { username: basic.username, password: secretIn(basic.passwordFile, 'http.passwordFile', 1) },
});

const secretIn = (file: string, key: string, least: number): string => {
  const secret = textOf(file, key).replace(/\r?\n$/, '');
  if (secret.includes('\n')) throw new Error(`${key}: ${file} has more than one line, expected one with the secret`);
  if (secret.length >= least) return secret;
  throw new Error(`${key}: ${file} holds ${secret.length} characters, expected at least ${least}`);
};

const textOf = (file: string, key: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${key}: ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
};
