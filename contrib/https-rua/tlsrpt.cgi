#!/bin/sh
# SPDX-License-Identifier: ISC
# Reads a POSTed report from standard input, for Apache (apache.conf). It runs as the web server's user, who must be able to read the
# settings and to connect to Redis.
status() {
	printf 'Status: %s\r\nContent-Type: text/plain\r\n\r\n%s\n' "$1" "$1"
	exit 0
}
[ "${REQUEST_METHOD:-}" = POST ] || status '405 Method Not Allowed'
"${STSCTL:-stsctl}" report import - > /dev/null
case $? in
0)	status '200 OK' ;;
75)	status '503 Service Unavailable' ;;
*)	status '500 Internal Server Error' ;;
esac
