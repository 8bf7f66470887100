import { utf8Encode } from '@labwire/core/bytes';
import { civilTime, two } from '../../http/index.ts';
import type { FileSystem, Stat } from '../../machine/index.ts';
import type { Request } from './request.ts';
import type { Response } from './response.ts';

/** Columns of a name. NGX_HTTP_AUTOINDEX_NAME_LEN */
const NAME_WIDTH = 50;

function escapeHtml(text: string): string {
  return text.replace(
    /[<>&"]/g,
    (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[c] ?? '&quot;',
  );
}

function escapeUri(text: string): string {
  let out = '';
  for (const byte of utf8Encode(text)) {
    const c = String.fromCharCode(byte);
    out += /[A-Za-z0-9\-._~]/.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/** A size in seven columns, with its unit from ten thousand bytes on. */
function humanSize(bytes: number): string {
  const units: readonly (readonly [least: number, unit: number, name: string])[] = [
    [2 ** 30, 2 ** 30, 'G'],
    [2 ** 20, 2 ** 20, 'M'],
    [10_000, 2 ** 10, 'K'],
  ];
  const found = units.find(([least]) => bytes >= least);
  return found === undefined
    ? String(bytes).padStart(7)
    : `${String(Math.round(bytes / found[1])).padStart(6)}${found[2]}`;
}

function line(name: string, stat: Stat, exact: boolean): string {
  const isDir = stat.type === 'dir';
  const slash = isDir ? '/' : '';
  const shown = [...name];
  const room = NAME_WIDTH - slash.length;
  const cut = shown.length + slash.length > NAME_WIDTH;
  const text = cut
    ? `${escapeHtml(shown.slice(0, NAME_WIDTH - 3).join(''))}..&gt;`
    : `${escapeHtml(name)}${slash}`;
  const pad = cut ? '' : ' '.repeat(room - shown.length);
  const t = civilTime(stat.mtime);
  const date = `${two(t.day)}-${t.monthName}-${t.year} ${two(t.hour)}:${two(t.minute)}`;
  const width = exact ? 19 : 7;
  const size = isDir
    ? '-'.padStart(width)
    : exact
      ? String(stat.size).padStart(width)
      : humanSize(stat.size);
  return `<a href="${escapeUri(name)}${slash}">${text}</a>${pad} ${date} ${size}\r\n`;
}

/** The listing of a directory. ngx_http_autoindex_html() */
export function autoIndex(fs: FileSystem, r: Request, path: string): Response {
  const entries = fs
    .readdir(path.length > 1 ? path.replace(/\/+$/, '') : path)
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({ name, stat: fs.stat(`${path}${name}`) }));
  const dirs = entries.filter((e) => e.stat.type === 'dir');
  const files = entries.filter((e) => e.stat.type !== 'dir');
  const exact = r.scope.flag('autoindex_exact_size', true);
  const title = escapeHtml(r.uri);
  const html =
    `<html>\r\n<head><title>Index of ${title}</title></head>\r\n<body>\r\n<h1>Index of ${title}</h1><hr><pre><a href="../">../</a>\r\n` +
    [...dirs, ...files].map((e) => line(e.name, e.stat, exact)).join('') +
    '</pre><hr></body>\r\n</html>\r\n';
  return {
    status: 200,
    contentType: 'text/html',
    extra: [],
    body: utf8Encode(html),
    chunked: true,
  };
}
