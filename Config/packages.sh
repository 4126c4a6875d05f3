# Sourced by `up` and `test`: Debian packages, and a Swift toolchain.
# shellcheck shell=bash

# What `have_packages` looks for, with the reason that is shown when it is missing.
declare -A reasons=(
    [libssl-dev]='OpenSSL: TLS 1.3 between devices, and every hash'
    [libzstd-dev]='zstd: what is sent over slow links is compressed'
    [libavahi-client-dev]='Avahi: finding devices nearby'
    [libsqlite3-dev]='SQLite: the index'
    [libcurl4-openssl-dev]='curl: the command line talks to the agent through it'
    [libssl3]='OpenSSL: TLS 1.3 between devices, and every hash'
    [libzstd1]='zstd: what is sent over slow links is compressed'
    [libavahi-client3]='Avahi: finding devices nearby'
    [libsqlite3-0]='SQLite: the index'
    [libcurl4]='curl: the command line talks to the agent through it'
    [avahi-daemon]='the daemon that announces devices on the local network'
    [dbus]='the message bus through which Avahi is reached'
    [dbus-daemon]='a message bus for each host of the network tests'
    [iproute2]='the networks of the tests'
    [util-linux]='the namespaces of the tests'
    [mount]='the disks that tests pull out'
    [e2fsprogs]='the disks that tests pull out'
    [git]='fetches the Swift packages; its ignore rules are compared with ours'
    [openssl]='a TLS client that is not ours, for the tests'
    [procps]='looks at the processes of the tests'
    [curl]='downloads the Swift toolchain'
    [gnupg]='checks the signature of the Swift toolchain'
)

say() { echo "lanyard: $*"; }

die() {
    echo "lanyard: $*" >&2
    exit 1
}

# Installs those of the named packages that are missing, through apt; asks for root only then.
have_packages() {
    local package missing=() root=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    command -v apt-get > /dev/null || die "this system has no apt; install what stands for: ${missing[*]}"
    say 'these packages are missing and will be installed through apt:'
    for package in "${missing[@]}"; do printf '    %-22s %s\n' "$package" "${reasons[$package]:-}"; done
    if [ "$(id -u)" != 0 ]; then
        command -v sudo > /dev/null || die "run as root: apt-get install ${missing[*]}"
        root=(sudo)
        say 'apt needs root: sudo may ask for your password'
    fi
    "${root[@]}" apt-get update -q
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}

# Whether `swift` on PATH is Swift's compiler (OpenStack has a program of this name), 6.2 or later.
is_swift_new_enough() {
    local version
    version=$(swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p') || return 1
    [ -n "$version" ] && [ "$(printf '6.2\n%s\n' "$version" | sort -V | head -n 1)" = 6.2 ]
}
