/** A request body → the call in it. The parser knows no entities but XML's own five, so no request can grow while it is read. */
import type { XmlElement } from '@rgrove/parse-xml';
import type { MethodCall, RpcValue } from './value.ts';

/** Nothing of the interface nests deeper than multicall's params (6 elements); this is far from the stack's end. */
const MOST_DEPTH = 100;

/** Why a body is no call; the answer to it is HTTP 400. */
export class MalformedCall extends Error {}

export const decodeCall = async (body: string): Promise<MethodCall> => {
  const root = await parse(body);
  if (root.name !== 'methodCall') throw new MalformedCall(`the root is <${root.name}>, expected <methodCall>`);
  const method = child(root, 'methodName')?.text.trim() ?? '';
  if (method === '') throw new MalformedCall('there is no <methodName>');
  const params = child(root, 'params');
  return { method, params: params === null ? [] : elements(params).map(paramOf) };
};

/** The parser costs memory that a controller nobody calls by XML-RPC need not spend. */
const parse = async (body: string): Promise<XmlElement> => {
  const { parseXml } = await import('./xml-lazily.ts');
  try {
    const { root } = parseXml(body);
    if (root !== null) return root;
  } catch (error) {
    throw new MalformedCall((error as Error).message.split('\n')[0]);
  }
  throw new MalformedCall('the body is empty');
};

const elements = (parent: XmlElement): XmlElement[] =>
  parent.children.filter((node): node is XmlElement => node.type === 'element');

const child = (parent: XmlElement, name: string): XmlElement | null =>
  elements(parent).find((element) => element.name === name) ?? null;

const paramOf = (param: XmlElement): RpcValue => {
  const value = child(param, 'value');
  if (param.name !== 'param' || value === null) throw new MalformedCall('<params> holds something else than values');
  return valueOf(value, 0);
};

const valueOf = (value: XmlElement, depth: number): RpcValue => {
  if (depth > MOST_DEPTH) throw new MalformedCall(`values are nested deeper than ${MOST_DEPTH}`);
  const [typed] = elements(value);
  if (typed === undefined) return value.text;
  const { name, text } = typed;
  switch (name) {
    case 'string':
    case 'dateTime.iso8601':
      return text;
    case 'int':
    case 'i4':
      return numberOf(text, /^[+-]?\d{1,15}$/);
    case 'double':
      return numberOf(text, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i);
    case 'boolean':
      return text.trim() === '1';
    case 'base64':
      return Buffer.from(text, 'base64').toString('utf8');
    case 'array':
      return elements(child(typed, 'data') ?? typed).map((item) => valueOf(item, depth + 1));
    case 'struct':
      return structOf(typed, depth);
    default:
      throw new MalformedCall(`<${name}> is no type of XML-RPC`);
  }
};

const numberOf = (text: string, fits: RegExp): number => {
  const trimmed = text.trim();
  if (!fits.test(trimmed)) throw new MalformedCall(`"${trimmed.slice(0, 40)}" is no number`);
  return Number(trimmed);
};

const structOf = (struct: XmlElement, depth: number): RpcValue => {
  // No prototype: a member called __proto__ is a member.
  const members: Record<string, RpcValue> = Object.create(null) as Record<string, RpcValue>;
  for (const member of elements(struct)) {
    const value = child(member, 'value');
    if (value !== null) members[child(member, 'name')?.text ?? ''] = valueOf(value, depth + 1);
  }
  return members;
};
