# SPDX-License-Identifier: ISC
# stsctl.mdoc -> the manual page of one command (-v page=NAME), or without that stsctl(1), the map of them.
#
# The source is one manual: a synopsis with a form for each command, and a list of what the commands do. A page takes the forms and
# the items whose first word is its command; the map takes the rest. Lines `.\" page NAME: ...' say what a command is for.

function put(where, line) { text[where] = text[where] line "\n" }

/^\.\\" page / {
	name = $3
	sub(/:$/, "", name)
	about[name] = $0
	sub(/^\.\\" page [^:]*: /, "", about[name])
	order[++pages] = name
	next
}
/^\.Dd / { date = $0; next }
/^\.Sh / { section = $0 }

section == ".Sh SYNOPSIS" {
	if ($0 == ".Nm")
		form = ""
	else if ($1 == ".Cm" && form == "") {
		form = $2
		put("forms " form, ".Nm stsctl")
		put("forms " form, $0)
	} else if (form != "" && $0 !~ /^\.Sh/)
		put("forms " form, $0)
	next
}

section == ".Sh DESCRIPTION" && !over {
	if ($0 == ".Sh DESCRIPTION" || $0 == "The commands are:")
		next
	if ($1 == ".Bl" && depth++ == 0)
		next
	if ($1 == ".El" && --depth == 0) {
		over = 1
		next
	}
	if (depth == 0) {
		put("intro", $0)
		next
	}
	if ($1 == ".It" && $2 == "Cm" && depth == 1) {
		item = $3
		items[item]++
		if (items[item] == 1)
			head[item] = $0
		else
			put("items " item, $0)
		next
	}
	put("items " item, $0)
	next
}

section ~ /^\.Sh/ && section !~ /NAME|SYNOPSIS/ { put("rest", $0) }

function begin(title, name, what) {
	print ".\\\" SPDX-License-Identifier: ISC"
	print ".\\\" made of stsctl.mdoc by split-manual.awk"
	print date
	print ".Dt " toupper(title) " 1"
	print ".Os"
	print ".Sh NAME"
	print ".Nm " name
	print ".Nd " what
	print ".Sh SYNOPSIS"
}

function print_map(i) {
	begin("stsctl", "stsctl", "check, publish and inspect MTA-STS from the command line")
	print ".Nm\n.Ar command\n.Op Ar option ...\n.Op Ar operand ..."
	print ".Nm\n.Cm help\n.Op Ar command"
	print ".Nm\n.Fl -help | Fl -version"
	print ".Sh DESCRIPTION"
	printf "%s", text["intro"]
	print "The commands, each with a page of its own:"
	print ".Bl -tag -width Ds"
	for (i = 1; i <= pages; i++)
		print ".It Xr stsctl-" order[i] " 1\n" about[order[i]]
	print ".El"
	printf "%s", text["rest"]
}

function print_page() {
	begin("stsctl-" page, "stsctl-" page, about[page])
	printf "%s", text["forms " page]
	print ".Sh DESCRIPTION"
	if (items[page] > 1) {
		print ".Bl -tag -width Ds"
		print head[page]
	}
	printf "%s", text["items " page]
	if (items[page] > 1)
		print ".El"
	print ".Sh SEE ALSO"
	print ".Xr stsctl 1"
	print "has the options of every command, files, environment, exit status and examples."
}

END {
	if (page == "")
		print_map()
	else if (about[page] == "" || items[page] == 0) {
		print "stsctl.mdoc: there is no page " page > "/dev/stderr"
		exit 1
	} else
		print_page()
}
