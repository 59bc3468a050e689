# SPDX-License-Identifier: ISC
# Completion of stsctl for bash: to /usr/share/bash-completion/completions/stsctl, or sourced in ~/.bashrc. It asks stsctl itself what
# may come next, so that it is never older than the program.
# The settings that the line names: those -c and -o, each a word with its value.
_stsctl_settings()
{
	local i
	settings=()
	for ((i = 1; i + 1 < ${#words[@]}; i++)); do
		case ${words[i]} in
		-c | -o)	((i + 2 < ${#words[@]})) && settings+=("${words[i]}" "${words[++i]}") ;;
		-c?* | -o?*)	settings+=("${words[i]}") ;;
		esac
	done
}

_stsctl()
{
	local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} word offer
	local -a words=() offers=() settings=()

	read -ra words <<< "$line"
	[[ $line == *[[:space:]] ]] && words+=('')
	word=${words[${#words[@]} - 1]}
	COMPREPLY=()
	while IFS=$'\t' read -r offer _; do
		case $offer in
		@FILE)
			compopt -o filenames 2> /dev/null
			mapfile -t offers < <(compgen -f -- "$word") ;;
		@DIR)
			compopt -o filenames 2> /dev/null
			mapfile -t offers < <(compgen -d -- "$word") ;;
		@DOMAIN)	# those of which Redis knows, if it answers at once
			_stsctl_settings
			mapfile -t offers < <(compgen -W "$(COLUMNS=1000 timeout 1 "$1" cache list --limit 200 "${settings[@]}" \
			    2> /dev/null | sed '1d; s/ .*//')" -- "$word") ;;
		*)
			offers=("$offer") ;;
		esac
		COMPREPLY+=("${offers[@]}")
	done < <("$1" complete "${words[@]:1}" 2> /dev/null)
	# "-o name=": the value comes right behind
	[[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2> /dev/null
	return 0
}
complete -F _stsctl stsctl
