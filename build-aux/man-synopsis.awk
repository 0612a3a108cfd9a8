# SPDX-License-Identifier: MIT
# Prints how a manual says that its commands are called, one a line, as the
# program's --table does: the items of the lists below COMMANDS, without the
# lists inside of them.

function add(word)
{
	if (text != "" && !joined && text !~ /\[$/ && word != "]")
		text = text " "
	text = text word
	joined = 0
}

# Adds the words of a line from the i-th on.
function words_add(i, macro, open)
{
	for (; i <= NF; i++) {
		if ($i == "Op" || $i == "Oo") {
			add("[")
			open += $i == "Op"
			macro = ""
		} else if ($i == "Oc") {
			add("]")
		} else if ($i == "Ns") {
			joined = 1
		} else if ($i ~ /^(Ar|Cm|Fl)$/) {
			macro = $i
		} else if (macro == "Fl" && $i !~ /^[|.]/) {
			add("-" $i)
			macro = ""
		} else {
			add(macro == "Ar" ? toupper($i) : $i)
		}
	}
	while (open-- > 0)
		add("]")
}

function finish()
{
	if (text != "")
		print text
	text = ""
	more = 0
}

/^\.Sh/ { here = $2 == "COMMANDS" }
/^\.Bl/ { depth++ }
/^\.El/ { depth-- }
!here { next }
more && /^\.Xc/ { finish(); next }
more {
	sub(/^\./, "")
	words_add(1)
	next
}
depth == 1 && /^\.It Xo/ {
	words_add(3)
	more = 1
	next
}
depth == 1 && /^\.It/ {
	words_add(2)
	finish()
}
