/**
 * `${VAR}` and `${VAR:-default}` in the text of one scalar; `$${` is a literal `${`; any other `$` stays. The result is text and is never
 * read as YAML again, so a variable can hold any characters. As in a shell, `:-` also replaces an empty variable.
 */
import { nearest } from './suggest.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One reference that could not be filled in; `offset` counts characters from the start of the text. */
export interface InterpolationFault {
  offset: number;
  /** As written, `${VAR}`. */
  reference: string;
  found: string;
  expected: string;
  suggestion: string | null;
}

export interface Interpolated {
  text: string;
  /** Whether any reference was filled in. */
  changed: boolean;
  faults: InterpolationFault[];
}

const SYNTAX = '${NAME} or ${NAME:-default} ($${ for the text ${ itself)';

type Reference = { value: string } | { found: string; expected: string; suggestion: string | null };

function suggestName(name: string, env: Environment): string | null {
  const known = nearest(
    name,
    Object.keys(env).filter((other) => env[other] !== undefined),
  );
  return known === null ? null : `\${${known}}`;
}

function resolve(reference: string, env: Environment): Reference {
  const match = /^\$\{([A-Za-z_]\w*)(?::-([^]*))?\}$/.exec(reference);
  const [name, fallback] = [match?.[1], match?.[2]];
  if (name === undefined) return { found: `"${reference}"`, expected: SYNTAX, suggestion: null };
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (fallback !== undefined) {
    if (fallback.includes('${'))
      return { found: `"${reference}"`, expected: 'a default without ${ in it', suggestion: null };
    return { value: value === undefined || value === '' ? fallback : value };
  }
  if (value !== undefined) return { value };
  return {
    found: `\${${name}}, which is not set in the environment`,
    expected: `it to be set, or a default: \${${name}:-value}`,
    suggestion: suggestName(name, env),
  };
}

/** Fills all references in; faulty ones stay as they are and are listed. */
export function interpolate(text: string, env: Environment): Interpolated {
  const faults: InterpolationFault[] = [];
  let changed = false;
  // An escape, a whole reference, or one that is never closed.
  const filled = text.replaceAll(/\$\$\{|\$\{[^}]*\}?/g, (reference: string, offset: number) => {
    if (reference === '$${') return '${';
    const result = resolve(reference, env);
    if ('value' in result) {
      changed = true;
      return result.value;
    }
    faults.push({ offset, reference, ...result });
    return reference;
  });
  return { text: filled, changed, faults };
}
