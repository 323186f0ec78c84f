#compdef cowfs
# zsh completion for cowfs; 'cowfs completion zsh' prints it.
@TABLE@

_cowfs_names() {
    [[ -n $pool ]] || return 0
    case $1 in
        SUBVOL*) cowfs list --names -- $pool 2>/dev/null | grep -v @ ;;
        *) cowfs list --names -- $pool 2>/dev/null ;;
    esac
}

_cowfs() {
    local command=cowfs pool='' subcommands options values labels label='' word value skip='' current prev=''
    local -i count=0 i=0
    current=${words[CURRENT]}
    _cowfs_command cowfs
    for word in ${words[2,CURRENT-1]}; do
        prev=$word
        if [[ -n $skip ]]; then
            skip=
        elif [[ $word == -* ]]; then
            [[ $word == *=* || " $values" != *" $word="* ]] || skip=yes
        elif [[ " $subcommands " == *" $word "* ]]; then
            command+=" $word"
            _cowfs_command $command
        else
            ((count > 0)) || pool=${(Q)word}
            count+=1
        fi
    done
    if [[ $current == --*=* ]]; then
        prev=${current%%=*}
        compset -P '*='
    elif [[ $current == -* ]]; then
        compadd -- ${=options}
        return
    elif [[ -n $subcommands && $count -eq 0 ]]; then
        compadd -- ${=subcommands}
        return
    fi
    for value in ${=values}; do
        [[ ${value%%=*} != $prev ]] || label=${value#*=}
    done
    if [[ -z $label ]]; then
        for word in ${=labels}; do
            label=$word
            ((i < count)) || break
            i+=1
        done
        # more than there are labels: only the last parameter may be repeated
        ((i < ${#${=labels}} )) || [[ $label == REF* || $label == COMMAND ]] || label=
    fi
    case $label in
        REF* | SUBVOL*) compadd -- ${(f)"$(_cowfs_names $label)"} ;;
        COMMAND) _cowfs_command cowfs && compadd -- ${=subcommands} ;;
        *) _files ;;
    esac
}

[[ ${funcstack[1]} != _cowfs ]] || _cowfs "$@"
