/** `php.ini` of a program reaches every PHP it runs through PHP_INI_SCAN_DIR: one more directory to scan, with one file of ours. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../linux/make-folder.ts';
import type { Config } from '../config/types.ts';

/** Write the files; program → directory, for programs that set any. World-readable: workers run as other users. */
export const writeIniDirectories = (config: Config): Map<string, string> => {
  const directories = new Map<string, string>();
  for (const program of Object.values(config.programs)) {
    const settings = Object.entries(program.php.ini);
    if (settings.length === 0) continue;
    const directory = join(config.dataDir, 'php', program.name);
    makeFolder(directory, 0o755);
    const lines = settings.map(([key, value]) => `${key} = "${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
    writeFileSync(
      join(directory, 'zz-ackwarden.ini'),
      `; written by ackwarden from ${config.file}\n${lines.join('\n')}\n`,
      { mode: 0o644 },
    );
    directories.set(program.name, directory);
  }
  return directories;
};
