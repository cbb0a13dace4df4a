/** Client commands load these; zod would cost them 12 MiB and tens of milliseconds (the schema is for those who judge a file). */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../../src/config/', import.meta.url));

it.each(['units', 'measures', 'mask', 'expand', 'templates', 'types', 'interpolate', 'paths', 'words', 'suggest'])(
  '%s.ts needs neither zod nor yaml',
  async (name) => {
    const { metafile } = await build({
      entryPoints: [`${source}${name}.ts`],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      write: false,
      metafile: true,
    });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    expect(imports.filter((path) => !path.startsWith('node:'))).toEqual([]);
  },
);
