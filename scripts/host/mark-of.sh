# Prints the first line of a file that somebody else may have made, or nothing where there is none. Follows no link, and waits for no pipe.
#   FILE  absolute path
if [ ! -e "$FILE" ] && [ ! -L "$FILE" ]; then exit 0; fi
if [ -L "$FILE" ] || [ ! -f "$FILE" ]; then echo "no regular file"; exit 0; fi
timeout 5 head -c 4096 "$FILE" | head -n 1
