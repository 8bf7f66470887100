/** /etc/dhcp/dhclient.conf: what Debian's asks servers for. */
export const DHCLIENT_CONF = `# Configuration file for /sbin/dhclient.

option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;

send host-name = gethostname();
request subnet-mask, broadcast-address, time-offset, routers,
	domain-name, domain-name-servers, domain-search, host-name,
	dhcp6.name-servers, dhcp6.domain-search, dhcp6.fqdn, dhcp6.sntp-servers,
	netbios-name-servers, netbios-scope, interface-mtu,
	rfc3442-classless-static-routes, ntp-servers;
`;

/** /sbin/dhclient-script: does what a lease says. Reasons and variables are those of dhclient-script(8). */
export const DHCLIENT_SCRIPT = `#!/bin/sh
# What dhclient runs when something happens to a lease: $reason says what, new_* and old_* are the lease.

write_resolv_conf() {
    if [ -z "$new_domain_name$new_domain_search$new_domain_name_servers" ]; then
        return
    fi
    search=$new_domain_search
    if [ -z "$search" ]; then
        search=$new_domain_name
    elif [ -n "$new_domain_name" ]; then
        case " $search " in
            *" $new_domain_name "*|*" $new_domain_name. "*) ;;
            *) search="$new_domain_name $search" ;;
        esac
    fi
    servers=
    if [ -z "$new_domain_name_servers" ] && [ -f /etc/resolv.conf ]; then
        servers=$(grep -i '^nameserver' /etc/resolv.conf)
    fi
    {
        if [ -n "$new_domain_name" ]; then echo "domain \${new_domain_name%% *}"; fi
        if [ -n "$search" ]; then echo "search $search"; fi
        for server in $new_domain_name_servers; do echo "nameserver $server"; done
        if [ -n "$servers" ]; then echo "$servers"; fi
    } > /etc/resolv.conf
}

take_hostname() {
    if [ -z "$new_host_name" ]; then
        return
    fi
    current=$(hostname)
    case $current in
        ''|'(none)'|localhost|"$old_host_name")
            if [ "$current" != "$new_host_name" ]; then hostname "$new_host_name"; fi
            ;;
    esac
}

# add or change: sets the address with the times of the lease
set_address() {
    ip -4 addr $1 \${new_ip_address}\${new_subnet_mask:+/$new_subnet_mask} \\
        \${new_broadcast_address:+broadcast $new_broadcast_address} \\
        \${new_dhcp_lease_time:+valid_lft $new_dhcp_lease_time} \\
        \${new_dhcp_lease_time:+preferred_lft $new_dhcp_lease_time} \\
        dev $interface label $interface
}

set_routes() {
    # routes of RFC 3442 count in place of the routers
    if [ -n "$new_rfc3442_classless_static_routes" ]; then
        set -- $new_rfc3442_classless_static_routes
        while [ $# -ge 5 ]; do
            length=$1
            shift
            net=
            for byte in 1 2 3 4; do
                if [ $(((byte - 1) * 8)) -lt $length ]; then
                    net=$net$1.
                    shift
                else
                    net=\${net}0.
                fi
            done
            via="via $1.$2.$3.$4"
            if [ "$1.$2.$3.$4" = 0.0.0.0 ]; then via="scope link"; fi
            shift 4
            ip -4 route replace \${net%.}/$length $via dev $interface > /dev/null 2>&1
        done
        return
    fi
    metric=$IF_METRIC
    if [ "\${new_routers%% *}" != "$new_routers" ]; then metric=\${metric:-1}; fi
    for router in $new_routers; do
        if [ "$new_subnet_mask" = 255.255.255.255 ]; then
            ip -4 route add $router dev $interface > /dev/null 2>&1
        fi
        ip -4 route add default via $router dev $interface \${metric:+metric $metric} > /dev/null 2>&1
        if [ -n "$metric" ]; then metric=$((metric + 1)); fi
    done
}

set_mtu() {
    # a smaller one is an error of the server
    if [ -n "$new_interface_mtu" ] && [ "$new_interface_mtu" -gt 576 ]; then
        ip link set dev $interface mtu $new_interface_mtu
    fi
}

run_hooks() {
    if [ -f $1 ]; then . $1; fi
    if [ -d $1.d ]; then
        for hook in $1.d/*; do
            if [ -f $hook ]; then . $hook; fi
        done
    fi
}

run_hooks /etc/dhcp/dhclient-enter-hooks

status=0
case $reason in
    PREINIT)
        ip link set dev $interface up
        ;;
    BOUND|RENEW|REBIND|REBOOT)
        take_hostname
        if [ -n "$old_ip_address" ] && [ "$old_ip_address" != "$new_ip_address" ]; then
            ip -4 addr flush dev $interface label $interface
        fi
        if [ "$old_ip_address" != "$new_ip_address" ] || [ $reason = BOUND ] || [ $reason = REBOOT ]; then
            set_address add
            set_mtu
            set_routes
        else
            set_address change
        fi
        write_resolv_conf
        ;;
    EXPIRE|FAIL|RELEASE|STOP)
        if [ -n "$old_ip_address" ]; then
            ip -4 addr flush dev $interface label $interface
        fi
        ;;
    TIMEOUT)
        set_address add
        set_mtu
        if [ -z "$new_routers" ] || ping -q -c 1 "\${new_routers%% *}"; then
            set_routes
            write_resolv_conf
        else
            ip -4 addr flush dev $interface
            status=2
        fi
        ;;
esac

run_hooks /etc/dhcp/dhclient-exit-hooks
exit $status
`;
