# Fails every other time.
mark="${TMPDIR:-/tmp}/greenroom-flaky-$(id -u)"
if [ -e "$mark" ]; then
    rm "$mark"
    echo "this time it works"
else
    touch "$mark"
    echo "it fails now and then"
    exit 1
fi
