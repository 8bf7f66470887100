import type { Request } from './request.ts';
import type { Response } from './response.ts';
import { expand, type VariableContext } from './variables.ts';

type Field = readonly [name: string, value: string];

/**
 * Brings the links in an upstream's answer, Location and Refresh, into line with the URL that the client knows.
 * nginx src/http/modules/ngx_http_proxy_module.c, ngx_http_proxy_rewrite_redirect()
 */
export function rewriteLinks(
  r: Request,
  fields: readonly Field[],
  context: VariableContext,
): Pick<Response, 'extra' | 'localLocation'> {
  const rules = redirectRules(r, context);
  const location = fields.find(([name]) => name.toLowerCase() === 'location');
  const to = location && rewrite(location[1], rules);
  const extra = fields.map((field) => rewritten(field, rules));
  if (to?.startsWith('/') !== true) return { extra };
  return { extra: extra.filter(([name]) => name.toLowerCase() !== 'location'), localLocation: to };
}

function rewritten([name, value]: Field, rules: readonly Field[]): Field {
  const key = name.toLowerCase();
  if (key === 'location') return [name, rewrite(value, rules)];
  const at = key === 'refresh' ? value.toLowerCase().indexOf('url=') : -1;
  return at < 0
    ? [name, value]
    : [name, value.slice(0, at + 4) + rewrite(value.slice(at + 4), rules)];
}

function rewrite(url: string, rules: readonly Field[]): string {
  const rule = rules.find(([from]) => url.startsWith(from));
  return rule === undefined ? url : rule[1] + url.slice(rule[0].length);
}

/** What proxy_redirect says, in order: what a link begins with, and what it then begins with instead. */
function redirectRules(r: Request, context: VariableContext): Field[] {
  const directives = r.scope.all('proxy_redirect');
  if (directives.some((d) => d.args[0] === 'off')) return [];
  if (directives.length === 0) return [defaultRule(r)];
  return directives.map(({ args: [from = '', to] }) =>
    to === undefined ? defaultRule(r) : [expand(from, r, context), expand(to, r, context)],
  );
}

/** Back from the URL of proxy_pass to the location's pattern. */
function defaultRule({ proxy, location }: Request): Field {
  const url = proxy?.url ?? '';
  return proxy?.uri === undefined ? [`${url}/`, '/'] : [url, location?.pattern ?? '/'];
}
