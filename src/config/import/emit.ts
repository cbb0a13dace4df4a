/** A draft as the text of workers.yaml. */
import { Document as YamlDocument, YAMLMap, YAMLSeq, isCollection, isMap, isScalar, isSeq } from 'yaml';
import type { Node } from 'yaml';
import type { Tree } from '../effective.ts';
import type { Document, Draft, Field } from './draft.ts';

const COLUMNS = 110;

/** Keys of a program in the order of the contract. */
const ORDER = [
  'command',
  'directory',
  'user',
  'workers',
  'firstIndex',
  'workerName',
  'environment',
  'umask',
  'limits',
  'priority',
  'start',
  'memory',
  'recycle',
  'stdout',
  'stderr',
];

/** One variable a line. */
const ALWAYS_BLOCK = ['environment'];

function wrapped(line: string, columns: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const rows: string[] = [];
  let row = '';
  for (const word of line.trim().split(' ')) {
    if (row !== '' && row.length + word.length + 1 > columns) {
      rows.push(row);
      row = `${indent}  ${word}`;
    } else row = row === '' ? indent + word : `${row} ${word}`;
  }
  return [...rows, row];
}

/** Comment lines as yaml writes them: each behind its #. */
function commentText(lines: readonly string[]): string {
  // A line break within would end the comment.
  const safe = lines.map((line) => line.replaceAll(/\p{C}/gu, ' '));
  return safe
    .flatMap((line) => wrapped(line, COLUMNS - 6))
    .map((line) => ` ${line}`)
    .join('\n');
}

/** Length in one line, about. */
function widthOf(key: string, value: Tree): number {
  return key.length + JSON.stringify(value).length + 10;
}

interface Rows {
  map: YAMLMap;
  document: YamlDocument;
}

/** A list in one line, `[a, b]`, where maps are `{ a: b }`. */
class TightList extends YAMLSeq {
  override flow = true;

  override toString(...[context, onComment, onChomp]: Parameters<YAMLSeq['toString']>): string {
    return super.toString(
      context === undefined ? context : { ...context, flowCollectionPadding: '' },
      onComment,
      onChomp,
    );
  }
}

function nodeOf(document: YamlDocument, value: Tree): Node {
  if (Array.isArray(value)) {
    const list = new TightList();
    for (const item of value) list.add(nodeOf(document, item));
    return list;
  }
  if (typeof value !== 'object' || value === null) return document.createNode(value);
  const map = new YAMLMap();
  for (const [key, inner] of Object.entries(value)) map.add(document.createPair(key, nodeOf(document, inner)));
  return map;
}

/** Adds `key: value`: small maps in one line, others in several. */
function addRow({ map, document }: Rows, key: string, { value, comments }: Field): void {
  const node = nodeOf(document, value);
  if (isCollection(node)) node.flow = isSeq(node) || (!ALWAYS_BLOCK.includes(key) && widthOf(key, value) <= COLUMNS);
  if (isMap(node) && node.flow !== true)
    for (const { value: inner } of node.items) if (isCollection(inner)) inner.flow = true;
  const pair = document.createPair(key, node);
  if (comments.length > 0 && isScalar(pair.key)) pair.key.commentBefore = commentText(comments);
  map.add(pair);
}

function bodyOf(document: YamlDocument, fields: ReadonlyMap<string, Field>, order: readonly string[] = ORDER): YAMLMap {
  const map = new YAMLMap();
  for (const key of order) {
    const field = fields.get(key);
    if (field !== undefined) addRow({ map, document }, key, field);
  }
  return map;
}

function addSection(document: YamlDocument, key: string, map: YAMLMap): void {
  const pair = document.createPair(key, map);
  if (isScalar(pair.key)) pair.key.spaceBefore = true;
  document.add(pair);
}

function programNode(document: YamlDocument, { fields, hints }: Draft): YAMLMap {
  const body = bodyOf(document, fields);
  if (hints.length > 0) body.comment = commentText(hints);
  return body;
}

/** Named maps with a blank line between them. */
function entriesOf<T extends { name: string; comments: string[] }>(
  document: YamlDocument,
  entries: readonly T[],
  body: (entry: T) => YAMLMap,
): YAMLMap {
  const map = new YAMLMap();
  for (const [index, entry] of entries.entries()) {
    const pair = document.createPair(entry.name, body(entry));
    if (isScalar(pair.key)) {
      pair.key.spaceBefore = index > 0;
      if (entry.comments.length > 0) pair.key.commentBefore = commentText(entry.comments);
    }
    map.add(pair);
  }
  return map;
}

/** One YAML document. */
export function emit({ comments, defaults, groups, programs, eventListeners }: Document): string {
  const document = new YamlDocument({});
  document.commentBefore = commentText(comments);
  document.set('version', 1);
  if (defaults.size > 0) addSection(document, 'defaults', bodyOf(document, defaults));
  if (groups.size > 0) {
    const map = new YAMLMap();
    for (const [name, field] of groups) addRow({ map, document }, name, field);
    addSection(document, 'groups', map);
  }
  addSection(
    document,
    'programs',
    entriesOf(document, programs, (draft) => programNode(document, draft)),
  );
  if (eventListeners.length > 0) {
    const bodies = entriesOf(document, eventListeners, ({ fields }) => bodyOf(document, fields, [...fields.keys()]));
    addSection(document, 'eventListeners', bodies);
  }
  return document.toString({ lineWidth: 0, commentString: (comment) => comment.replaceAll(/^/gm, '#') });
}
