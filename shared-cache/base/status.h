/* SPDX-License-Identifier: ISC */
/*
 * status.h - how functions of this library fail.
 *
 * A status says what the *caller* can do about it. What went wrong with a domain (a broken record, a web
 * server that answers 404) is not a failure of a function: it is a value, see reason.h.
 * Pure. Any thread.
 */
#ifndef STS_BASE_STATUS_H
#define STS_BASE_STATUS_H

enum sts_status {
	STS_OK = 0,
	STS_ENOMEM,	  /* memory ran out; nothing was changed */
	STS_EINVAL,	  /* the input is not what it must be; a diagnosis says why */
	STS_ENOTFOUND,	  /* looked, and it is not there */
	STS_EUNAVAILABLE, /* the other side (Redis) is away or broken, try later */
	STS_EFULL,	  /* a configured bound is reached */
	STS_ESYS,	  /* the operating system refused; a text says what */
};

/* A short English word for a status, for logs. Never NULL. */
const char *sts_status_text(enum sts_status status);

#endif
