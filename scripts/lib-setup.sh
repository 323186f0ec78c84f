# shellcheck shell=bash
# Sourced by the other scripts: finds or installs what cowfs needs. Defines functions and runs nothing.
# A function that cannot go on prints one line that says what to do, and exits 1.

jdk_needed=25

# java is quiet with these: jnr-fuse loads native code and reads memory through Unsafe, and so does Maven.
java_flags=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)

fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 1
}

# Sets jdk_version to the feature version of the JDK in directory $1 (25 for 25.0.1), or 0 when there is none.
read_jdk_version() {
    local line
    jdk_version=0
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    while read -r line; do
        [[ $line =~ ^JAVA_VERSION=\"([0-9]+) ]] && jdk_version=${BASH_REMATCH[1]}
    done <"$1/release"
    return 0
}

# Sets and exports JAVA_HOME to a JDK that is new enough: JAVA_HOME itself, then the usual places, then PATH.
# False when there is none.
find_jdk() {
    local home best='' best_version=0 javac
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* "${HOME:-}"/.sdkman/candidates/java/*; do
        [ -n "$home" ] || continue
        read_jdk_version "$home"
        [ "$jdk_version" -ge "$jdk_needed" ] || continue
        # The one that the user named wins; of the others, the oldest that will do.
        if [ -z "$best" ] || [ "$jdk_version" -lt "$best_version" ]; then
            best=$home best_version=$jdk_version
        fi
        [ "$home" != "${JAVA_HOME:-}" ] || break
    done
    if [ -z "$best" ] && javac=$(command -v javac); then
        home=$(readlink -f "$javac")
        home=${home%/bin/javac}
        read_jdk_version "$home"
        [ "$jdk_version" -lt "$jdk_needed" ] || best=$home
    fi
    [ -n "$best" ] || return 1
    export JAVA_HOME=$best
}

no_jdk() {
    fail "no JDK $jdk_needed or later; install one (apt-get install openjdk-25-jdk-headless where apt knows it, otherwise https://adoptium.net/installation/linux) or set JAVA_HOME to one"
}

# Finds the JDK, and lets Maven run on it too.
use_jdk() {
    find_jdk || no_jdk
    export MAVEN_OPTS="${MAVEN_OPTS:-} ${java_flags[*]} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
}

# True when libfuse 2, which jnr-fuse loads, is installed.
have_libfuse() {
    local file
    for file in /lib/libfuse.so.2 /lib/*/libfuse.so.2 /lib64/libfuse.so.2 /usr/lib/libfuse.so.2 /usr/lib/*/libfuse.so.2 /usr/local/lib/libfuse.so.2; do
        [ ! -e "$file" ] || return 0
    done
    return 1
}

apt_knows() {
    command -v apt-cache >/dev/null && [ -n "$(apt-cache show "$1" 2>/dev/null)" ]
}

# Since Debian 13 libfuse2 is called libfuse2t64.
libfuse_package() {
    if apt_knows libfuse2t64; then echo libfuse2t64; else echo libfuse2; fi
}

# The list of packages of a new machine or container is empty; root may fetch it.
refresh_apt() {
    [ -z "${apt_refreshed:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    apt_refreshed=yes
    apt-get update -q >&2 || echo "${0##*/}: apt-get update failed; going on with the package lists that are there" >&2
}

# install_packages PACKAGE...: with apt when root, otherwise says the one line to run.
install_packages() {
    [ $# -gt 0 ] || return 0
    local line="apt-get install -y --no-install-recommends $*"
    command -v apt-get >/dev/null || fail "missing: $*; install them with the package manager of this system"
    [ "$(id -u)" = 0 ] || fail "missing: $*; run: sudo $line"
    echo "${0##*/}: $line" >&2
    DEBIAN_FRONTEND=noninteractive $line >&2 || fail "could not install $*; run: $line"
}

# Installs packages; the services in them are not started.
install_quietly() {
    local policy=/usr/sbin/policy-rc.d made=''
    if [ "$(id -u)" = 0 ] && [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=yes
    fi
    (refresh_apt && install_packages "$@") || { [ -z "$made" ] || rm -f "$policy"; exit 1; }
    [ -z "$made" ] || rm -f "$policy"
}

# is_there NAME: a command, or a path with wildcards.
is_there() {
    case $1 in
        */*) compgen -G "$1" >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# prepare_machine NAME=PACKAGE...: afterwards the JDK, Maven, FUSE and each of the commands or paths are there.
prepare_machine() {
    local wanted missing=()
    command -v mvn >/dev/null || missing+=(maven)
    command -v flock >/dev/null || missing+=(util-linux)
    command -v fusermount3 >/dev/null || missing+=(fuse3)
    for wanted in "$@"; do
        is_there "${wanted%%=*}" || missing+=("${wanted#*=}")
    done
    if ! have_libfuse; then
        refresh_apt
        missing+=("$(libfuse_package)")
    fi
    if ! find_jdk; then
        refresh_apt
        apt_knows openjdk-25-jdk-headless || no_jdk
        missing+=(openjdk-25-jdk-headless)
    fi
    if [ ${#missing[@]} -gt 0 ]; then
        install_quietly "${missing[@]}"
    fi
    use_jdk
    [ -e /dev/fuse ] || modprobe fuse 2>/dev/null || true
    [ -e /dev/fuse ] || fail "/dev/fuse is missing; run: modprobe fuse (or start the container with --device /dev/fuse --cap-add SYS_ADMIN)"
}

# make_one_jar DIR: after `mvn package`, makes DIR/cowfs.jar of fs-tools and all that it needs.
make_one_jar() {
    local lib status=0
    lib=$(mktemp -d "$1/lib.XXXXXX")
    cp "$top"/fs-tools/target/lib/*.jar "$top"/fs-tools/target/fs-tools-*.jar "$lib/"
    "$JAVA_HOME/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$lib/*" "$top/scripts/OneJar.java" "$lib" "$1/cowfs.jar" || status=1
    rm -rf "$lib"
    return $status
}

# make_runtime DIR: the jar and beside it, when this JDK can, an ahead-of-time cache: it belongs to exactly this JDK and
# this jar. False when there is no jar.
make_runtime() {
    make_one_jar "$1" || return 1
    make_aot_cache "$1" "$JAVA_HOME" || rm -f "$1/cowfs.aot"
}

# make_aot_cache DIR JDK: records what the JVM of JDK loads and links for `cowfs list`. No more than that: a JVM loads
# all that is in its cache when it starts, so that what only some commands need would make all of them slower.
make_aot_cache() {
    local image=$1/training.img made=no
    # G1, as only its heap can be stored; every collector can load it
    if "$2/bin/java" "${command_flags[@]}" -cp "$1/cowfs.jar" cowfs.tools.Main mkfs --size 64M "$image" &&
        timeout 120 "$2/bin/java" "${command_flags[@]}" -XX:-UseSerialGC -XX:+UseG1GC -XX:AOTCacheOutput="$1/cowfs.aot" \
            -cp "$1/cowfs.jar" cowfs.tools.Main list "$image" && [ -s "$1/cowfs.aot" ]; then
        printf '%s\n' "$2" >"$1/aot.jdk"
        made=yes
    fi
    rm -f "$image"
    [ $made = yes ]
}

# What a command runs with: it is over before a concurrent collector or a second compiler pay off.
command_flags=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData "${java_flags[@]}")

# launch_flags DIR COMMAND: sets flags to those of the JVM for a command from DIR. A cache that does not fit, because
# the JDK or the jar is another one, is left out by the JVM without a word.
launch_flags() {
    flags=("${command_flags[@]}")
    case $2 in
        # these work for long
        check | scrub | du | diff | send | receive | extract | report | mount | daemon) flags=(-XX:+UseSerialGC -XX:-UsePerfData "${java_flags[@]}") ;;
    esac
    if [ -r "$1/aot.jdk" ] && [ "$(<"$1/aot.jdk")" = "$JAVA_HOME" ]; then
        flags+=(-XX:AOTCache="$1/cowfs.aot" -Xlog:aot*=off -Xlog:cds*=off)
    fi
}
