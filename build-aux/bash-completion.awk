# SPDX-License-Identifier: MIT
# Makes the bash completion of a program of commands out of what its --table
# prints: lines "=NAME words" of values, and one for each way to call a command.
#
# usage: PROGRAM --table | awk -v name=PROGRAM -f bash-completion.awk

# Adds words to the list of a command, each once.
function offer(command, words, part, count, i)
{
	count = split(words, part, " ")
	for (i = 1; i <= count; i++)
		if (!((command, part[i]) in offered)) {
			offered[command, part[i]] = 1
			list[command] = list[command] " " part[i]
		}
}

# What may stand for a value: its words, or its name's.
function words_of(value)
{
	if (value ~ /^[a-z]/) {
		gsub(/[|,]/, " ", value)
		return value
	}
	return value in values ? values[value] : ""
}

# What stands behind an option.
function value_take(command, option, value, key)
{
	key = command SUBSEP option
	if (!(key in texts))
		order[command] = order[command] " " option
	texts[key] = texts[key] (key in texts && texts[key] ? " " : "") \
		words_of(value)
	if (value in files)
		texts[key] = "files"
}

function command_take(command, count, i)
{
	if (command in known)
		return
	known[command] = 1
	commands[++command_count] = command
	count = split(command, part, " ")
	offer("", part[1])
	if (count > 1) {
		if (!(part[1] in groups))
			commands[++command_count] = part[1]
		groups[part[1]] = 1
		offer(part[1], part[2])
	}
}

# Prints head, words and tail in lines of 80 columns; glue ends all but the last.
function put(head, words, tail, tabs, glue, column, part, count, i)
{
	count = split(words, part, " ")
	printf "%s", head
	column = 8 * gsub(/\t/, "", head)
	column += length(head)
	for (i = 1; i <= count; i++) {
		if (column + length(part[i]) + 15 > 80) {
			printf "%s\n%s", glue, tabs
			column = 8 * length(tabs)
		} else if (i > 1) {
			printf " "
			column++
		}
		printf "%s", part[i]
		column += length(part[i])
	}
	print tail
}

function put_words(text)
{
	if (text == "files")
		print "\t\t\tfiles=yes ;;"
	else if (text ~ /\$/)
		print "\t\t\twords=\"" text "\" ;;"
	else
		put("\t\t\twords='", text, "' ;;", "\t\t\t\t")
}

function put_command(command, count, option, i, none)
{
	print "\t'" command "')"
	put("\t\twords='", list[command], "'", "\t\t\t")
	if (command in word_files)
		print "\t\t[[ $word == -* ]] || files=yes"
	count = split(order[command], option, " ")
	if (count > 0)
		print "\t\tcase $before in"
	for (i = 1; i <= count; i++) {
		if (texts[command, option[i]] == "") {
			none = none (none ? " | " : "") option[i]
			continue
		}
		print "\t\t" option[i] ")"
		put_words(texts[command, option[i]])
	}
	if (none)
		put("\t\t", none, ") words='' ;;", "\t\t\t", " \\")
	if (count > 0)
		print "\t\tesac"
	print "\t\t;;"
}

/^= / {
	common = substr($0, 3)
	next
}

/^=/ {
	value = substr($1, 2)
	if (NF == 1)
		files[value] = 1
	else
		values[value] = substr($0, length($1) + 2)
	next
}

{
	line = $0 " " common
	gsub(/\[/, " [ ", line)
	gsub(/\]/, " ] ", line)
	count = split(line, token, " ")
	command = token[1]
	first = 2
	if (count > 1 && token[2] ~ /^[a-z]/)
		command = command " " token[first++]
	command_take(command)
	option = ""
	for (i = first; i <= count; i++) {
		if (token[i] ~ /^--/) {
			offer(command, token[i])
			option = token[i]
		} else if (token[i] !~ /^[A-Za-z]/) {
			option = ""
		} else if (option) {
			value_take(command, option, token[i])
			option = ""
		} else if (token[i] in files) {
			word_files[command] = 1
		} else {
			offer(command, words_of(token[i]))
		}
	}
}

END {
	print "# SPDX-License-Identifier: MIT"
	print "# shellcheck shell=bash"
	print "# Completes the words of " name "(1); made by " \
		"build-aux/bash-completion.awk."
	print ""
	print "_" name "()"
	print "{"
	print "\tlocal word=${COMP_WORDS[COMP_CWORD]} " \
		"before=${COMP_WORDS[COMP_CWORD - 1]}"
	print "\tlocal command='' words='' files='' i"
	print ""
	print "\tCOMPREPLY=()"
	print "\tfor ((i = 1; i < COMP_CWORD; i++)); do"
	print "\t\tcase $command/${COMP_WORDS[i]} in"
	print "\t\t/-c) ((i++)) ;;"
	print "\t\t/-*) ;;"
	patterns = "/*"
	for (i = 1; i <= command_count; i++)
		if (commands[i] in groups)
			patterns = patterns " | " commands[i] "/*"
	put("\t\t", patterns, ")", "\t\t\t", " \\")
	print "\t\t\tcommand+=${command:+ }${COMP_WORDS[i]} ;;"
	print "\t\t*) break ;;"
	print "\t\tesac"
	print "\tdone"
	print "\tcase $command in"
	print "\t'')"
	put("\t\twords='-c -V -h ", list[""], "'", "\t\t\t")
	print "\t\t[[ $before != -c ]] || files=yes ;;"
	for (i = 1; i <= command_count; i++)
		put_command(commands[i])
	print "\tesac"
	print "\tif [[ $files ]]; then"
	print "\t\tcompopt -o filenames 2>/dev/null"
	print "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")"
	print "\telse"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")"
	print "\tfi"
	print "\t# What ends in a colon is gone on with."
	print "\t[[ ${COMPREPLY[*]} != *: ]] || " \
		"compopt -o nospace 2>/dev/null"
	print "} && complete -F _" name " " name
}
