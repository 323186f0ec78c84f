# Sourced by the other scripts: finds or installs what cowfs needs. Defines functions, runs nothing.
# Every function that cannot go on prints one line that says what to do, and exits 1.

jdk_needed=25

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$1" >&2
    exit 1
}

# The feature version of the JDK in directory $1 (25 for 25.0.1), or 0 when there is none.
jdk_version() {
    local version=0
    if [ -x "$1/bin/javac" ] && [ -r "$1/release" ]; then
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    fi
    printf '%s\n' "${version:-0}"
}

# Prints the home of a JDK that is new enough: JAVA_HOME, then the usual places, then PATH.
find_jdk() {
    local home best='' best_version=0 version javac
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* "${HOME:-/root}"/.sdkman/candidates/java/*; do
        [ -n "$home" ] && [ -d "$home" ] || continue
        version=$(jdk_version "$home")
        [ "$version" -ge "$jdk_needed" ] || continue
        # One that the user named wins; of the others, the oldest that will do.
        if [ "$home" = "${JAVA_HOME:-}" ]; then
            printf '%s\n' "$home"
            return 0
        fi
        if [ -z "$best" ] || [ "$version" -lt "$best_version" ]; then
            best=$home best_version=$version
        fi
    done
    if [ -z "$best" ] && javac=$(command -v javac); then
        home=$(dirname "$(dirname "$(readlink -f "$javac")")")
        [ "$(jdk_version "$home")" -ge "$jdk_needed" ] && best=$home
    fi
    [ -n "$best" ] && printf '%s\n' "$best"
}

no_jdk() {
    fail "no JDK $jdk_needed or later found; install one (Debian 13: apt-get install openjdk-25-jdk-headless; otherwise https://adoptium.net/installation/linux/) or set JAVA_HOME"
}

# Exports JAVA_HOME, so that Maven runs on it too.
use_jdk() {
    JAVA_HOME=$(find_jdk) || no_jdk
    export JAVA_HOME
}

# True when libfuse 2 can be loaded; jnr-fuse loads it by name.
have_libfuse() {
    /sbin/ldconfig -p 2>/dev/null | grep -q 'libfuse\.so\.2' || ls /usr/lib/*/libfuse.so.2 /lib/*/libfuse.so.2 >/dev/null 2>&1
}

# install_missing PACKAGE...: with apt when root, otherwise says the one line to run.
install_missing() {
    [ $# -gt 0 ] || return 0
    local line="apt-get install -y --no-install-recommends $*"
    command -v apt-get >/dev/null || fail "missing: $*; install them with the package manager of this system"
    [ "$(id -u)" = 0 ] || fail "missing: $*; run: sudo $line"
    echo "installing: $*" >&2
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # a list of words
    { apt-get update -q && $line; } >&2 || fail "could not install $*; run: $line"
}

# ensure_machine COMMAND=PACKAGE...: the JDK, Maven, FUSE and the named commands are there afterwards.
ensure_machine() {
    local wanted missing=() jdk_package=openjdk-25-jdk-headless
    command -v mvn >/dev/null || missing+=(maven)
    command -v fusermount3 >/dev/null || command -v fusermount >/dev/null || missing+=(fuse3)
    have_libfuse || missing+=("$(libfuse_package)")
    for wanted in "$@"; do
        command -v "${wanted%%=*}" >/dev/null || missing+=("${wanted#*=}")
    done
    if ! find_jdk >/dev/null; then
        apt_knows "$jdk_package" || no_jdk
        missing+=("$jdk_package")
    fi
    install_missing ${missing[@]+"${missing[@]}"}
    use_jdk
    [ -e /dev/fuse ] || modprobe fuse 2>/dev/null || true
    [ -e /dev/fuse ] || fail "/dev/fuse is missing; load the fuse kernel module, or start the container with --device /dev/fuse --cap-add SYS_ADMIN"
}

# From Debian 13 on libfuse2 is called libfuse2t64.
libfuse_package() {
    if apt_knows libfuse2t64; then echo libfuse2t64; else echo libfuse2; fi
}

apt_knows() {
    command -v apt-cache >/dev/null || return 1
    [ -n "$(apt-cache show "$1" 2>/dev/null)" ]
}
