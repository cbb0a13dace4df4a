import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { errorCode } from './proc-file.ts';

/** Empty a regular file, which must not be a symbolic link; one that is not there is empty enough. Rejects as open(2) does. */
export async function truncateFile(path: string): Promise<void> {
  try {
    const file = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if ((await file.stat()).isFile()) await file.truncate(0);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
