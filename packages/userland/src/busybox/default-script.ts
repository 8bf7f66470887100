/** /etc/udhcpc/default.script: sets address, default route and resolv.conf as the lease says. */
export const DEFAULT_SCRIPT = `#!/bin/sh
# What udhcpc runs when something happens to its lease: $1 says what, the environment holds the lease.

configure() {
    ifconfig $interface \${mtu:+mtu $mtu} $ip netmask $subnet \${broadcast:+broadcast $broadcast}

    # the kernel uses one default route: the first router's
    router=\${router%% *}
    old=$(ip -4 route show default dev $interface | awk '{ print $3; exit }')
    if [ "$router" != "$old" ]; then
        ip -4 route flush exact 0.0.0.0/0 dev $interface
    fi
    if [ -n "$router" ]; then
        onlink=
        [ "$subnet" = 255.255.255.255 ] && onlink=onlink
        ip -4 route add default via $router dev $interface $onlink
    fi

    {
        if [ -n "$domain" ]; then
            echo "domain $domain"
        else
            echo
        fi
        for server in $dns; do
            echo "nameserver $server"
        done
    } > /etc/resolv.conf
}

case $1 in
    bound|renew)
        configure
        ;;
    deconfig)
        ip link set $interface up
        ip -4 addr flush dev $interface
        ip -4 route flush dev $interface
        ;;
    leasefail|nak)
        ;;
    *)
        echo "$0: Unknown udhcpc command: $1" >&2
        exit 1
        ;;
esac
exit 0
`;
