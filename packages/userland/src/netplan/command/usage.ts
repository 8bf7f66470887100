/** What `netplan --help` prints, and `netplan` behind its complaint. */
export const USAGE = `usage: /usr/sbin/netplan  [-h] [--debug]  ...

Network configuration in YAML

options:
  -h, --help  show this help message and exit
  --debug     Enable debug messages

Available commands:
  
    help      Show this help message
    apply     Apply current netplan config to running system
    generate  Generate backend specific configuration files from
              /etc/netplan/*.yaml
    get       Get a setting by specifying a nested key like
              "ethernets.eth0.addresses", or "all"
    info      Show available features
    ip        Retrieve IP information from the system
    set       Add new setting by specifying a dotted key=value pair like
              ethernets.eth0.dhcp4=true
    rebind    Rebind SR-IOV virtual functions of given physical functions to
              their driver
    status    Query networking state of the running system
    try       Try to apply a new netplan config to running system, with
              automatic rollback
`;

/** What `--help` of each command prints. */
export const COMMAND_USAGE: Readonly<Record<string, string>> = {
  apply: `usage: /usr/sbin/netplan apply [-h] [--debug] [--sriov-only]
                               [--only-ovs-cleanup] [--state STATE]

Apply current netplan config to running system

options:
  -h, --help          show this help message and exit
  --debug             Enable debug messages
  --sriov-only        Only apply SR-IOV related configuration and exit
  --only-ovs-cleanup  Only clean up old OpenVSwitch interfaces and exit
  --state STATE       Directory containing previous YAML configuration
`,
  generate: `usage: /usr/sbin/netplan generate [-h] [--debug] [--root-dir ROOT_DIR]
                                  [--mapping MAPPING]

Generate backend specific configuration files from /etc/netplan/*.yaml

options:
  -h, --help           show this help message and exit
  --debug              Enable debug messages
  --root-dir ROOT_DIR  Search for and generate configuration files in this
                       root directory instead of /
  --mapping MAPPING    Display the netplan device ID/backend/interface name
                       mapping and exit.
`,
  try: `usage: /usr/sbin/netplan try [-h] [--debug] [--config-file CONFIG_FILE]
                             [--timeout TIMEOUT] [--state STATE]

Try to apply a new netplan config to running system, with automatic rollback

options:
  -h, --help            show this help message and exit
  --debug               Enable debug messages
  --config-file CONFIG_FILE
                        Apply the config file in argument in addition to
                        current configuration.
  --timeout TIMEOUT     Maximum number of seconds to wait for the user's
                        confirmation
  --state STATE         Directory containing previous YAML configuration
`,
  get: `usage: /usr/sbin/netplan get [-h] [--debug] [--root-dir ROOT_DIR] [key]

Get a setting by specifying a nested key like "ethernets.eth0.addresses", or
"all"

positional arguments:
  key                  The nested key in dotted format

options:
  -h, --help           show this help message and exit
  --debug              Enable debug messages
  --root-dir ROOT_DIR  Read configuration files from this root directory
                       instead of /
`,
  set: `usage: /usr/sbin/netplan set [-h] [--debug] [--origin-hint ORIGIN_HINT]
                             [--root-dir ROOT_DIR]
                             key_value

Add new setting by specifying a dotted key=value pair like
ethernets.eth0.dhcp4=true

positional arguments:
  key_value             The nested key=value pair in dotted format. Value can
                        be NULL to delete a key.

options:
  -h, --help            show this help message and exit
  --debug               Enable debug messages
  --origin-hint ORIGIN_HINT
                        Can be used to help choose a name for the overwrite
                        YAML file. A .yaml suffix will be appended
                        automatically.
  --root-dir ROOT_DIR   Overwrite configuration files in this root directory
                        instead of /
`,
  info: `usage: /usr/sbin/netplan info [-h] [--debug] [--json | --yaml]

Show available features

options:
  -h, --help  show this help message and exit
  --debug     Enable debug messages
  --json      Output version and features in JSON format
  --yaml      Output version and features in YAML format
`,
};

/** netplan's commands, as its complaint lists them. */
export const COMMANDS: readonly string[] = [
  'help',
  'apply',
  'generate',
  'get',
  'info',
  'ip',
  'set',
  'rebind',
  'status',
  'try',
];

/** What `netplan info` lists. */
export const FEATURES: readonly string[] = [
  'dhcp-use-domains',
  'auth-phase2',
  'ipv6-mtu',
  'modems',
  'sriov',
  'openvswitch',
  'activation-mode',
  'eswitch-mode',
  'infiniband',
  'regdom',
  'vrf',
  'vxlan',
  'dbus-config',
  'generate-just-in-time',
  'generated-supplicant',
  'default-routes',
];
