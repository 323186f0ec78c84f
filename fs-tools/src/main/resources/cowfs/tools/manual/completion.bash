# bash completion for cowfs; 'cowfs completion bash' prints it.
@TABLE@

# Sets what the table says about the command that the words name, and: command, the number of parameters before the
# cursor in count, and the first of them, the pool, in pool.
_cowfs_parse() {
    local word skip=
    command=cowfs count=0 pool=
    _cowfs_command cowfs
    for word in "$@"; do
        if [ -n "$skip" ]; then
            skip=
        elif [[ $word == -* ]]; then
            [[ $word == *=* || " $values" != *" $word="* ]] || skip=yes
        elif [[ " $subcommands " == *" $word "* ]]; then
            command+=" $word"
            _cowfs_command "$command"
        else
            [ "$count" -gt 0 ] || pool=$word
            count=$((count + 1))
        fi
    done
}

# The label of the option's value in $1, or of the parameter under the cursor.
_cowfs_label() {
    local value parameters i=0
    for value in $values; do
        if [ "${value%%=*}" = "$1" ]; then
            label=${value#*=}
            return
        fi
    done
    for parameters in $labels; do
        label=$parameters
        [ "$i" -lt "$count" ] || return
        i=$((i + 1))
    done
    # more than there are labels: only the last parameter may be repeated
    [[ $label == REF* || $label == COMMAND ]] || label=
}

_cowfs_names() {
    [ -n "$pool" ] || return 0
    case $1 in
        SUBVOL*) cowfs list --names -- "$pool" 2>/dev/null | grep -v @ ;;
        *) cowfs list --names -- "$pool" 2>/dev/null ;;
    esac
}

_cowfs() {
    local IFS=$' \t\n' line cur prev='' words command count pool subcommands options values labels label='' offered='' head
    # Bash's own words end at '@' and ':', which names contain.
    line=${COMP_LINE:0:COMP_POINT}
    read -ra words <<<"$line"
    cur=
    if [ ${#words[@]} -gt 1 ] && [[ $line != *[[:space:]] ]]; then
        cur=${words[-1]}
        unset 'words[-1]'
    fi
    [ ${#words[@]} -lt 2 ] || prev=${words[-1]}
    _cowfs_parse "${words[@]:1}"
    head=
    if [[ $cur == --*=* ]]; then
        prev=${cur%%=*} head=$prev=
        cur=${cur#*=}
    elif [[ $cur == -* ]]; then
        offered=$options
    fi
    if [ -z "$offered" ]; then
        if [ -n "$subcommands" ] && [ "$count" = 0 ] && [ -z "$head" ]; then
            offered=$subcommands
        else
            _cowfs_label "$prev"
            case $label in
                REF* | SUBVOL*) IFS=$'\n' offered=$(_cowfs_names "$label") ;;
                COMMAND) _cowfs_command cowfs && offered=$subcommands ;;
                *) COMPREPLY=() && return ;; # paths: what 'complete -o default' does
            esac
        fi
    fi
    mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$cur")
    # Bash replaces only what stands behind the last of its word breaks.
    head=${cur%"${cur##*[@:=]}"}
    COMPREPLY=("${COMPREPLY[@]#"$head"}")
}

complete -o default -F _cowfs cowfs
