#!/bin/sh
# The hook that clients call when their download is complete.
: > "$DISTRO_BENCH_DONE"
