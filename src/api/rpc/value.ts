/** What XML-RPC can carry, as far as supervisord's interface uses it. Doubles and dates of a request arrive as numbers and text. */
export type RpcValue = string | number | boolean | RpcValue[] | { [name: string]: RpcValue };

export interface MethodCall {
  method: string;
  params: RpcValue[];
}
