# Sections of docs/results.md, each between two marks with the name of the script that writes it, so that others stay. Read
# with `.` by those scripts.

# put_section NAME RESULTS < text: in its old place, or at the end.
put_section()
{
    mkdir -p "$(dirname "$2")"
    [ -e "$2" ] || echo '# Results' > "$2"
    cat > "$2.section"
    awk -v name="$1" -v section="$2.section" '
        function insert() { print begin; while ((getline line < section) > 0) print line; print end; written = 1 }
        BEGIN { begin = "<!-- " name ": begin -->"; end = "<!-- " name ": end -->" }
        $0 == begin { insert(); inside = 1 }
        !inside
        $0 == end { inside = 0 }
        END { if (!written) { print ""; insert() } }' "$2" > "$2.new"
    rm "$2.section"
    mv "$2.new" "$2"
}
