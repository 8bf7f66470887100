/** `nmcli -h`. */
export const USAGE = `Usage: nmcli [OPTIONS] OBJECT { COMMAND | help }

OPTIONS
  -a, --ask                                ask for missing parameters
  -c, --colors auto|yes|no                 whether to use colors in output
  -e, --escape yes|no                      escape columns separators in values
  -f, --fields <field,...>|all|common      specify fields to output
  -g, --get-values <field,...>|all|common  shortcut for -m tabular -t -f
  -h, --help                               print this help
  -m, --mode tabular|multiline             output mode
  -o, --overview                           overview mode
  -p, --pretty                             pretty output
  -s, --show-secrets                       allow displaying passwords
  -t, --terse                              terse output
  -v, --version                            show program version
  -w, --wait <seconds>                     set timeout waiting for finishing operations

OBJECT
  g[eneral]       NetworkManager's general status and operations
  n[etworking]    overall networking control
  r[adio]         NetworkManager radio switches
  c[onnection]    NetworkManager's connections
  d[evice]        devices managed by NetworkManager
  a[gent]         NetworkManager secret agent or polkit agent
  m[onitor]       monitor NetworkManager changes

`;

/** What an object's `help` lists. @deviation what Labwire has of it */
export const OBJECT_USAGE: Readonly<Record<string, string>> = {
  general: `Usage: nmcli general { COMMAND | help }

COMMAND := { status | hostname }

  status

  hostname [<hostname>]

`,
  networking: `Usage: nmcli networking { COMMAND | help }

COMMAND := { [ on | off | connectivity ] }

`,
  radio: `Usage: nmcli radio { COMMAND | help }

COMMAND := { all | wifi | wwan }

`,
  connection: `Usage: nmcli connection { COMMAND | help }

COMMAND := { show | up | down | add | modify | clone | delete | reload | load }

  show [--active] [--order <order spec>]
  show [--active] [id | uuid | path | apath] <ID> ...

  up [[id | uuid | path] <ID>] [ifname <ifname>]

  down [id | uuid | path | apath] <ID> ...

  add type bridge|ethernet|bridge-slave|bond|bond-slave|vlan|tun|dummy [con-name <name>] [ifname <ifname>] ([+|-]<setting>.<property> <value>)+

  modify [id | uuid | path] <ID> ([+|-]<setting>.<property> <value>)+

  clone [id | uuid | path ] <ID> <new name>

  delete [id | uuid | path] <ID>

  reload

  load <filename> [ <filename>... ]

`,
  device: `Usage: nmcli device { COMMAND | help }

COMMAND := { status | show | set | connect | reapply | modify | disconnect | delete }

  status

  show [<ifname>]

  set [ifname] <ifname> [autoconnect yes|no] [managed yes|no]

  connect <ifname>

  reapply <ifname>

  modify <ifname> ([+|-]<setting>.<property> <value>)+

  disconnect <ifname> ...

  delete <ifname> ...

`,
};
