# SPDX-License-Identifier: ISC
"""A mail site in a temporary directory: Redis, DNS, HTTPS, Postfix and the milter, all on loopback.

`Lab` (lab.py) puts the pieces together; every other file holds one piece. Only the standard library is used, so
that ./quickstart needs nothing but Python. Several labs may run at once: each has its own directory and ports.
"""
