/** A tree as YAML for people: maps in lines, lists within a line. */
import { Document, visit } from 'yaml';
import type { Tree } from './effective.ts';

export function yamlText(tree: Tree): string {
  const document = new Document(tree, { aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_key, node) => {
      node.flow = true;
    },
  });
  return document.toString({ lineWidth: 80, flowCollectionPadding: false });
}
