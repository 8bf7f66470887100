import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { format, formatCounter, Printer, type PrintOptions } from './index.ts';

const TEXT: PrintOptions = { json: false, pretty: false, oneline: false, palette: 'none' };

/** Prints by `print` and gives what came of it. */
function printed(options: Partial<PrintOptions>, print: (printer: Printer) => void): string {
  let text = '';
  const printer = new Printer({ ...TEXT, ...options }, (piece) => {
    text += piece;
  });
  printer.begin();
  print(printer);
  printer.end();
  return text;
}

function device(printer: Printer): void {
  printer.openObject();
  printer.field('ifindex', '%d: ', 2);
  printer.field('ifname', '%s: ', 'eth0', 'ifname');
  printer.openArray('flags', '<');
  printer.item('%s,', 'UP');
  printer.item('%s', 'LOWER_UP');
  printer.closeArray('> ');
  printer.nl();
  printer.text('    ');
  printer.hex('mask', 'mask %#x ', 0);
  printer.onOff('hairpin', 'hairpin %s ', true);
  printer.flag('dynamic', 'dynamic ');
  printer.mark('proxy', 'proxy');
  printer.text('\n');
  printer.closeObject();
}

describe('one sequence of calls', () => {
  it('makes text', () => {
    expect(printed({}, device)).toBe(
      '2: eth0: <UP,LOWER_UP> \n    mask 0 hairpin on dynamic proxy\n',
    );
  });

  it('makes one line', () => {
    expect(printed({ oneline: true }, device)).toContain('> \\    mask');
  });

  it('makes colours', () => {
    expect(printed({ palette: 'light' }, device)).toContain('\u001b[36meth0: \u001b[0m');
    expect(printed({ palette: 'dark' }, device)).toContain('\u001b[1;36meth0: \u001b[0m');
  });

  it('makes JSON', () => {
    expect(printed({ json: true }, device)).toBe(
      '[{"ifindex":2,"ifname":"eth0","flags":["UP","LOWER_UP"],"mask":"0","hairpin":true,"dynamic":true,"proxy":null}]\n',
    );
  });

  it('makes JSON laid out as iproute2 lays it out', () => {
    const print = (printer: Printer) => {
      for (const name of ['a', 'b']) {
        printer.openObject();
        printer.json('name', name);
        printer.openArray('none');
        printer.closeArray();
        printer.closeObject();
      }
    };
    expect(printed({ json: true, pretty: true }, print)).toBe(
      '[ {\n        "name": "a",\n        "none": [ ]\n    },{\n        "name": "b",\n        "none": [ ]\n    } ]\n',
    );
  });

  it('makes JSON that holds any text as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab "\\/\t\n\r\f\b{}[]é') }), (text) => {
        const json = printed({ json: true }, (p) => p.item('%s', text));
        return JSON.parse(json)[0] === text;
      }),
    );
  });
});

describe('formats', () => {
  it.each([
    ['%-6s|', 'ab', 'ab    |'],
    ['%4d|', 7, '   7|'],
    ['%#x', 16, '0x10'],
    ['%llu sec', 3, '3 sec'],
    ['%02x', 5, '05'],
    ['no value', 1, 'no value'],
  ])('%j of %j is %j', (fmt, value, text) => {
    expect(format(fmt, value)).toBe(text);
  });

  it.each([
    [999, '999 '],
    [1000, '1.00k '],
    [12_345, '12.3k '],
    [123_456, '123k '],
    [1_500_000_000, '1.50G '],
  ])('%d is %j with a unit', (count, text) => {
    expect(formatCounter(0, count, { human: true, iec: false })).toBe(text);
  });
});
