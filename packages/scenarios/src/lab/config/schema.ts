import { z } from 'zod';
import { NAT_KINDS } from '../../nat-presets/index.ts';
import type { RawConfig, RawOverlay } from './raw-config.ts';
import { address, delay, interfaceAddress, loss, mac, rate } from './values.ts';

/** Linux net/core/dev.c, dev_valid_name(). */
const deviceName = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[^\s/:]{1,15}$/,
    'no device name; write 1 to 15 characters without space, "/" or ":"',
  )
  .refine((n) => n !== 'lo', 'every machine has lo already; choose another name');

const word = (what: string): z.ZodString =>
  z.string(`no ${what}; write a text`).min(1, `an empty ${what}; write a name`);

const seconds = z
  .number('no number of seconds; write one, such as 20')
  .min(0, 'a negative time; write 0 or more');

/** A name that prompts and `on=` can say. */
const machineName = z
  .string()
  .regex(
    /^[A-Za-z][\w.-]*$/,
    'no machine name; begin with a letter and go on with letters, digits, "-", "_" and "."',
  );

const interfaceSchema = z
  .strictObject(
    {
      link: word('link'),
      mac: mac.optional(),
      mtu: z
        .int('no MTU; write a whole number of bytes')
        .min(68, 'no MTU of a NIC; write 68 or more')
        .max(65535, 'no MTU of a NIC; write 65535 or less')
        .optional(),
      addresses: z
        .array(interfaceAddress, 'no list of addresses; write [192.168.0.2/24]')
        .optional(),
      gateway: address.optional(),
      dhcp: z.boolean('neither true nor false; write one of the two').optional(),
      up: z.boolean('neither true nor false; write one of the two').optional(),
      qdisc: z
        .enum(
          ['noqueue', 'fq_codel', 'pfifo_fast'],
          'no queueing discipline that a NIC starts with; write noqueue, fq_codel or pfifo_fast',
        )
        .optional(),
    },
    'no interface; write { link: NAME }',
  )
  .refine((i) => i.dhcp !== true || (i.addresses === undefined && i.gateway === undefined), {
    path: ['dhcp'],
    message: 'a DHCP client gets address and gateway itself; take out addresses and gateway',
  })
  .refine((i) => i.dhcp !== true || i.up !== false, {
    path: ['up'],
    message: 'a DHCP client needs the interface up; take out up',
  });

const scalar = z.union([z.string(), z.number(), z.boolean()], 'no value; write a text or a number');

const furniture = {
  sysctl: z.record(z.string(), scalar, 'no settings; write net.ipv4.ip_forward: 1').optional(),
  files: z
    .record(
      z.string().startsWith('/', 'no absolute path; begin it with "/"'),
      z.string('no text; put the content in quotes'),
      'no files; write /etc/hosts: "127.0.0.1 localhost\\n"',
    )
    .optional(),
  run: z
    .array(z.string('no command; put it in quotes'), 'no list of commands; write [ "nginx" ]')
    .optional(),
};

/** A kind alone stands for a NAT of that kind. */
const natSchema = z.preprocess(
  (value) => (typeof value === 'string' ? { kind: value } : value),
  z.strictObject(
    {
      kind: z.enum(NAT_KINDS, `no kind of NAT; write one of ${NAT_KINDS.join(', ')}`),
      inside: deviceName.optional(),
      outside: deviceName.optional(),
      hosts: z
        .array(
          address.refine((a) => typeof a === 'number', 'no IPv4 address; write 10.0.0.2'),
          'no list of addresses; write [10.0.0.2]',
        )
        .optional(),
      hairpin: z.boolean('neither true nor false; write one of the two').optional(),
    },
    'no NAT; write full-cone, or { kind: full-cone, outside: eth1 }',
  ),
);

const machineSchema = z
  .strictObject(
    {
      hostname: word('hostname').optional(),
      kernel: z.enum(['5.x', '6.x'], 'no kernel that Labwire has; write 5.x or 6.x').optional(),
      interfaces: z
        .record(deviceName, interfaceSchema, 'no interfaces; write NAME: { link: NAME } for each')
        .optional(),
      nat: natSchema.optional(),
      ...furniture,
    },
    'no machine; write {} for one with lo alone',
  )
  .nullable();

const imageSchema = z
  .strictObject(
    {
      kind: z.enum(['linux', 'web', 'db'], 'no kind of image; write linux, web or db').optional(),
      hostname: word('hostname').optional(),
      nic: deviceName
        .regex(/\d(s0)?$/, 'no name that can be counted on; write eth0 or enp1s0')
        .optional(),
      dhcp: z.boolean('neither true nor false; write one of the two').optional(),
      ...furniture,
    },
    'no image; write {} for a plain Linux',
  )
  .nullable();

const linkSchema = z
  .strictObject(
    { delay: delay.optional(), rate: rate.optional(), loss: loss.optional() },
    'no link; write { delay: 1ms }, or {} for a plain one',
  )
  .nullable();

const configKeys = {
  title: z.string('no title; write a text').optional(),
  seed: z
    .int('no seed; write a whole number')
    .min(0, 'no seed; write 0 or more')
    .max(0xffff_ffff, 'no seed; write at most 4294967295')
    .optional(),
  world: z.enum(['none', 'home'], 'no world; write home or none').optional(),
  machines: z
    .record(machineName, machineSchema, 'no machines; write NAME: {} for each')
    .refine((m) => Object.keys(m).length > 0, 'no machine at all; write host: {}')
    .optional(),
  links: z
    .record(z.string(), linkSchema, 'no links; write NAME: { delay: 1ms } for each')
    .optional(),
  images: z
    .record(z.string(), imageSchema, 'no images; write web.qcow2: { kind: web } for each disk')
    .optional(),
  linger: seconds.optional(),
  settle: seconds.optional(),
};

/** The keys of the front matter that are Labwire's; others are left alone. */
export const frontMatterSchema: z.ZodType<RawConfig> = z.object(configKeys) as never;

/** Texts that stand in a block. */
const texts = z.array(word('text'), 'no list of texts; write ["TEXT"]');

const blockEntrySchema = z
  .strictObject(
    {
      contains: word('text').optional(),
      line: z.int('no line number; write the line of the opening fence').min(1).optional(),
      after: word('text').optional(),
      switch: z.record(z.string(), z.string(), 'no machines; write { "VM0": vm0 }').optional(),
      command: word('command')
        .includes('{}', { message: 'no place for the line; write {} where it goes' })
        .optional(),
      skip: z.boolean('neither true nor false; write one of the two').optional(),
      on: word('machine').optional(),
      terminal: scalar.transform(String).optional(),
      'may-fail': z.boolean('neither true nor false; write one of the two').optional(),
      notes: texts.optional(),
      any: texts.optional(),
      part: z.boolean('neither true nor false; write one of the two').optional(),
      interrupt: z.boolean('neither true nor false; write one of the two').optional(),
      run: z.array(z.string('no command; put it in quotes'), 'no list of commands').optional(),
    },
    'no block entry; write contains: TEXT and what to do with that block',
  )
  .superRefine((entry, ctx) => {
    const where = ['contains', 'line', 'after'].filter((k) => k in entry);
    const message = entryMistake(where, entry.run !== undefined);
    if (message !== undefined) ctx.addIssue({ code: 'custom', message });
  });

function entryMistake(where: readonly string[], runs: boolean): string | undefined {
  if (where.length !== 1)
    return 'does not say which block; write one of contains: TEXT, line: NUMBER and after: TEXT';
  if (where[0] === 'after' && !runs) return 'says nothing to type; add run: [ COMMAND ]';
  if (where[0] !== 'after' && runs) return '"run" goes with "after"; write after: TEXT';
  return undefined;
}

/** An overlay: the front matter's keys, and what to know about the document's blocks. */
export const overlaySchema: z.ZodType<RawOverlay> = z.strictObject({
  ...configKeys,
  blocks: z.array(blockEntrySchema, 'no list; write "- contains: TEXT" for each block').optional(),
}) as never;
