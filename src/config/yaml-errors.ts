/** What the YAML parser says, in sentences for the person who edits the file. */
import type { YAMLError } from 'yaml';

interface Said {
  found: string;
  expected: string;
}

const SAID: Readonly<Record<string, Said>> = {
  TAB_AS_INDENT: { found: 'a tab at the start of a line', expected: 'spaces: YAML is indented with spaces only' },
  BAD_DIRECTIVE: { found: 'an unknown %directive', expected: 'no line that starts with %' },
  MULTIPLE_DOCS: { found: 'a second document after ---', expected: 'one document' },
  BLOCK_AS_IMPLICIT_KEY: {
    found: 'a second `key:` within a value',
    expected:
      'one `key: value` a line, nested keys on lines of their own, all at the same indentation; a value with ": " in it needs quotes',
  },
  MULTILINE_IMPLICIT_KEY: {
    found: 'a line without a colon',
    expected: '`key: value`; look at the indentation of this line and the next',
  },
  BAD_SCALAR_START: { found: 'a value that starts with a character YAML reserves', expected: 'the value in quotes' },
  BAD_DQ_ESCAPE: { found: 'an unknown \\ escape in double quotes', expected: 'single quotes, or \\\\ for a backslash' },
  TAG_RESOLVE_FAILED: { found: 'a tag such as !name', expected: 'plain values: tags are not used here' },
};

function ofMissingChar(message: string): Said {
  const char = /Missing closing (["'])/.exec(message)?.[1];
  if (char === '"' || char === "'") return { found: 'a text that is never closed', expected: `a closing ${char}` };
  if (message.startsWith('Implicit'))
    return { found: 'a line without a colon', expected: '`key: value`, or `- item` with a space after the dash' };
  return { found: 'a missing character', expected: `what YAML needs here (${message})` };
}

function ofBadIndent(message: string): Said {
  const bracket = /end with a ([\]}])/.exec(message)?.[1];
  if (bracket !== undefined)
    return { found: 'the end of the text', expected: `a closing ${bracket}, with the lines before it indented` };
  return { found: 'another indentation than the lines above', expected: 'the keys of one map at the same column' };
}

/** `line`: the text of the line at fault, for the hint that fits its braces. */
function ofUnexpectedToken(message: string, line: string): Said {
  if (/\$\{|\{(?:program|worker|index)/.test(line)) {
    return {
      found: 'a brace that YAML reads as its own',
      expected: 'text with { or } in quotes: "${NAME}", "{worker}.log"',
    };
  }
  if (message.includes('block-seq-ind'))
    return { found: 'a dash on the line of its key', expected: 'the list on lines of its own, or [a, b]' };
  if (message.includes('at node end'))
    return {
      found: 'more text after the end of a value',
      expected: 'one value: look at quotes, brackets and indentation',
    };
  return { found: 'something that YAML does not allow here', expected: `other text (${message})` };
}

/** found and expected for a syntax error. */
export function explainYamlError(error: YAMLError, line: string): Said {
  const said = SAID[error.code];
  if (said !== undefined) return said;
  if (error.code === 'MISSING_CHAR') return ofMissingChar(error.message);
  if (error.code === 'BAD_INDENT') return ofBadIndent(error.message);
  if (error.code === 'UNEXPECTED_TOKEN') return ofUnexpectedToken(error.message, line);
  return { found: 'text that is not valid YAML', expected: `valid YAML (${error.message})` };
}
