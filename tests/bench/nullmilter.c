/* SPDX-License-Identifier: ISC */
/*
 * nullmilter.c - a libmilter milter that does nothing: the practical floor of anything built on libmilter.
 *
 * It negotiates as mta-sts-milter does without local_domains (the same events, answers only to DATA and end of message), but
 * for macro lists, and inserts one constant header, so that what mta-sts-milter costs beyond it is ours and not libmilter's.
 * Usage: nullmilter SOCKET (as in smfi_setconn)
 */
#include "config.h"

#include <libmilter/mfapi.h>
#include <stdio.h>
#include <sysexits.h>

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long unused2, unsigned long unused3,
    unsigned long *out_actions, unsigned long *out_steps, unsigned long *out2, unsigned long *out3)
{
	/* EOH is wanted: without it, and with DATA, libmilter never answers for a message that has no header field. */
	const unsigned long wanted = SMFIP_NORCPT | SMFIP_NOBODY | SMFIP_NOUNKNOWN | SMFIP_NR_CONN | SMFIP_NR_HELO |
	    SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH;

	(void)ctx, (void)unused2, (void)unused3;
	/* NOREPLY below is a protocol error with an MTA that waits for replies. */
	if ((actions & SMFIF_ADDHDRS) == 0 || (steps & wanted) != wanted)
		return SMFIS_REJECT;
	*out_actions = SMFIF_ADDHDRS;
	*out_steps = wanted;
	*out2 = *out3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *addr)
{
	(void)ctx, (void)name, (void)addr;
	return SMFIS_NOREPLY;
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	(void)ctx, (void)name;
	return SMFIS_NOREPLY;
}

static sfsistat
on_envfrom(SMFICTX *ctx, char **argv)
{
	(void)ctx, (void)argv;
	return SMFIS_NOREPLY;
}

static sfsistat
on_data(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx, (void)name, (void)value;
	return SMFIS_NOREPLY;
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_NOREPLY;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	char name[] = "X-Null";
	char value[] = "v=1; host=mx.bench.test; result=pass; domain=constant.bench.test;\n"
		       "\tidentity=mailfrom; policy=enforce; id=20250809T1; tls=TLSv1.3;\n"
		       "\tcipher=TLS_AES_256_GCM_SHA384; bits=256; aligned=yes";

	return smfi_insheader(ctx, 1, name, value) == MI_SUCCESS ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

int
main(int argc, char **argv)
{
	struct smfiDesc desc = {
		.xxfi_name = (char *)"null",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_envfrom,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_eom = on_eom,
		.xxfi_data = on_data,
		.xxfi_negotiate = on_negotiate,
	};

	if (argc != 2) {
		fprintf(stderr, "usage: nullmilter SOCKET\n");
		return EX_USAGE;
	}
	if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(desc) != MI_SUCCESS ||
	    smfi_opensocket(1) != MI_SUCCESS) {
		fprintf(stderr, "nullmilter: cannot listen on %s\n", argv[1]);
		return EX_UNAVAILABLE;
	}
	return smfi_main() == MI_SUCCESS ? EX_OK : EX_SOFTWARE;
}
