/* SPDX-License-Identifier: ISC */
/*
 * status.h - how functions of this library fail: the one type of status codes.
 *
 * A status says what the *caller* can do about it. What is wrong with a domain (a broken record, a web
 * server that answers 404) is not a function's failure but a value: see reason.h.
 * Pure. Any thread.
 */
#ifndef STS_BASE_STATUS_H
#define STS_BASE_STATUS_H

enum sts_status {
	STS_OK = 0,
	STS_ENOMEM,	  /* out of memory; nothing was changed */
	STS_EINVAL,	  /* the input is invalid; a diagnostic says why */
	STS_ENOTFOUND,	  /* there is no such thing */
	STS_EUNAVAILABLE, /* the other side (Redis) is unreachable or broken; try later */
	STS_EFULL,	  /* a limit has been reached */
	STS_ESYS,	  /* a system call failed; a text says why */
};

/* A short English word for a status, for logs. Never NULL. */
const char *sts_status_text(enum sts_status status);

#endif
