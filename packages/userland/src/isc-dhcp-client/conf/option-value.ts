import { parseIpv4 } from '@labwire/core/addr';
import { put16, put32 } from '@labwire/core/bytes';
import type { DhclientOption } from '../option-table.ts';
import { ConfError, type Lexer, type Token } from './lexer.ts';

function bytesOf(text: string): number[] {
  return [...text].map((c) => c.charCodeAt(0) & 0xff);
}

/** Reads an option's value up to its semicolon. @param hostname what gethostname() gives @throws ConfError common/parse.c, parse_option_decl() */
export function readOptionValue(
  lexer: Lexer,
  option: DhclientOption,
  hostname: string,
): Uint8Array {
  if (lexer.accept('=')) return readExpression(lexer, option, hostname);
  const data: number[] = [];
  const base = option.format.replace(/[Aa]$/, '');
  do {
    if (base === 'D') data.push(...name(lexer.next()));
    else if (base === 'X') data.push(...bytes(lexer));
    else for (const letter of base) data.push(...element(lexer, letter));
  } while (lexer.accept(','));
  return new Uint8Array(data);
}

/** `gethostname()` or a text; other expressions are not known. */
function readExpression(lexer: Lexer, option: DhclientOption, hostname: string): Uint8Array {
  const token = lexer.peek();
  if (token.kind === 'string') {
    lexer.next();
    return new Uint8Array(bytesOf(token.text));
  }
  if (token.text === 'gethostname') {
    lexer.next();
    lexer.expect('(', 'left parenthesis expected.');
    lexer.expect(')', 'right parenthesis expected.');
    return new Uint8Array(bytesOf(hostname));
  }
  if (token.text === 'hardware')
    throw new ConfError(
      'expressions other than gethostname() and texts are not supported',
      token.line,
    );
  return readOptionValue(lexer, option, hostname);
}

function element(lexer: Lexer, letter: string): number[] {
  const token = lexer.next();
  switch (letter) {
    case 'I': {
      const addr = parseIpv4(token.text);
      if (addr === undefined) throw new ConfError('expecting IP address.', token.line);
      return int(addr, 4);
    }
    case 'L':
    case 'l':
      return int(number(token), 4);
    case 'S':
      return int(number(token), 2);
    case 'B':
      return int(number(token), 1);
    case 'f':
      return [/^(?:on|true|1)$/i.test(token.text) ? 1 : 0];
    default:
      if (token.kind !== 'string') throw new ConfError('expecting string.', token.line);
      return bytesOf(token.text);
  }
}

function number(token: Token): number {
  if (!/^-?(?:0x[0-9a-fA-F]+|\d+)$/.test(token.text))
    throw new ConfError('expecting numeric value.', token.line);
  return Number(token.text);
}

function int(value: number, size: 1 | 2 | 4): number[] {
  const data = new Uint8Array(4);
  if (size === 4) put32(data, 0, value);
  else if (size === 2) put16(data, 0, value);
  else data[0] = value;
  return [...data.subarray(0, size)];
}

/** A text, or bytes in hexadecimal with colons between. */
function bytes(lexer: Lexer): number[] {
  const token = lexer.next();
  if (token.kind === 'string') return bytesOf(token.text);
  const data = [hexByte(token)];
  while (lexer.accept(':')) data.push(hexByte(lexer.next()));
  return data;
}

function hexByte(token: Token): number {
  if (!/^[0-9a-fA-F]{1,2}$/.test(token.text))
    throw new ConfError('expecting hexadecimal number.', token.line);
  return Number.parseInt(token.text, 16);
}

/** A domain name as labels. */
function name(token: Token): number[] {
  const labels = token.text.replace(/\.$/, '').split('.');
  if (labels.some((l) => l === '' || l.length > 63))
    throw new ConfError('Expected domain name.', token.line);
  return [...labels.flatMap((l) => [l.length, ...bytesOf(l)]), 0];
}
