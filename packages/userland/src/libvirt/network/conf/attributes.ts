import { LibvirtError } from '../../base/index.ts';
import type { XmlElement } from '../../xml/index.ts';
import type { Tristate } from './definition.ts';

function invalid(element: XmlElement, name: string, rest: string): LibvirtError {
  return new LibvirtError(
    'xml-error',
    `Invalid value for attribute '${name}' in element '${element.name}': ${rest}`,
  );
}

/** An attribute that is `yes` or `no`. virXMLPropTristateBool() @throws LibvirtError */
export function tristate(element: XmlElement | undefined, name: string): Tristate {
  const value = element?.attr(name);
  if (element === undefined || value === undefined) return undefined;
  if (value !== 'yes' && value !== 'no') throw invalid(element, name, `'${value}'.`);
  return value;
}

/** An attribute that is one of some words. virXMLPropEnum() @throws LibvirtError */
export function choice<T extends string>(
  element: XmlElement,
  name: string,
  words: readonly T[],
): T | undefined {
  const value = element.attr(name);
  if (value === undefined) return undefined;
  const found = words.find((w) => w === value);
  if (found === undefined) throw invalid(element, name, `'${value}'.`);
  return found;
}

/** An attribute that is a number. virXMLPropUInt(), virXMLPropULongLong() @throws LibvirtError */
export function unsigned(
  element: XmlElement,
  name: string,
  options: { readonly nonzero?: boolean; readonly base?: 0 | 10 } = {},
): number | undefined {
  const value = element.attr(name);
  if (value === undefined) return undefined;
  const number = parseUnsigned(value, options.base ?? 10);
  if (number === undefined)
    throw invalid(element, name, `'${value}'. Expected non-negative integer value`);
  if (number === 0 && options.nonzero === true)
    throw invalid(element, name, 'Zero is not permitted');
  return number;
}

/** A number without a sign; base 0 takes `0x` too. virStrToLong_uip() @returns undefined if it is none */
export function parseUnsigned(text: string, base: 0 | 10 = 10): number | undefined {
  if (base === 0 && /^\s*0x[0-9a-f]+$/i.test(text))
    return Number.parseInt(text.trim().slice(2), 16);
  return /^\s*\+?\d+$/.test(text) ? Number(text) : undefined;
}

/** A number that may be negative and then wraps at 2^32. virStrToLong_ui() @returns undefined if it is none */
export function parseWrapping(text: string): number | undefined {
  return /^\s*[-+]?\d+$/.test(text) ? Number(text) >>> 0 : undefined;
}

/** An attribute that must be there. virXMLPropStringRequired() @throws LibvirtError */
export function required(element: XmlElement, name: string): string {
  const value = element.attr(name);
  if (value === undefined)
    throw new LibvirtError(
      'xml-error',
      `Missing required attribute '${name}' in element '${element.name}'`,
    );
  return value;
}
