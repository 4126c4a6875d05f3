/// What a host reads: the script of its first process and its daemons' configuration.
enum HostFiles {
    /// Process 1 of a host: `$1` is its name, `$2` and `$3` are the configurations. Tells its identifier outside, then
    /// waits for the end of its input; with its own end the kernel ends every process of the host.
    static let firstProcess = """
        set -e
        read -r outside rest < /proc/self/stat
        mount -t proc proc /proc
        mount -t tmpfs -o mode=755 tmpfs /run
        mkdir -p /run/dbus /run/avahi-daemon
        echo "$1" > /proc/sys/kernel/hostname
        printf %s "$2" > /run/bus.conf
        printf %s "$3" > /run/avahi.conf
        ip link set lo up
        echo "ready $outside"
        read -r forever || :
        """

    /// A system bus on which everyone may do everything.
    static let bus = """
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
         "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <type>system</type>
          <listen>unix:path=/run/dbus/system_bus_socket</listen>
          <policy context="default">
            <allow user="*"/>
            <allow own="*"/>
            <allow send_type="method_call"/>
            <allow send_type="signal"/>
            <allow send_requested_reply="true"/>
            <allow receive_type="method_call"/>
            <allow receive_type="signal"/>
            <allow receive_requested_reply="true"/>
          </policy>
        </busconfig>
        """

    static func avahi(hostName: String, ipv6: Bool, extra: String) -> String {
        """
        [server]
        host-name=\(hostName)
        use-ipv4=yes
        use-ipv6=\(ipv6 ? "yes" : "no")
        deny-interfaces=lo
        [wide-area]
        enable-wide-area=no
        [publish]
        publish-hinfo=no
        publish-workstation=no
        \(extra)

        """
    }
}
