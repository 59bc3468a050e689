/* SPDX-License-Identifier: ISC */
/*
 * nullmilter.c - a libmilter milter that does nothing: the practical floor for anything built on libmilter.
 *
 * It inserts one constant header field at the end of each message. All other events are negotiated away, except the header
 * fields, which it receives without replying: that is the least that a milter which removes forged fields itself can request.
 *   -o  requests the events and the macro lists that mta-sts-milter requests (without local_domains): what that costs beyond the
 *       floor is the protocol's, not ours
 *   -b  without header fields: the least when Postfix removes forged ones (strip_forged = postfix)
 */
#include "config.h"

#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

static const unsigned long nothing = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL | SMFIP_NORCPT | SMFIP_NODATA | SMFIP_NOEOH |
    SMFIP_NOBODY | SMFIP_NOUNKNOWN;
static const unsigned long silence = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH;

/* Set once, before libmilter starts. */
static bool asks_as_ours, without_fields;

static bool
ask_for_macros(SMFICTX *ctx)
{
	static const struct {
		int stage;
		const char *names;
	} lists[] = {
		{ SMFIM_CONNECT, " " },
		{ SMFIM_HELO, " " },
		{ SMFIM_ENVFROM, "{tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {client_addr} {client_name} "
		    "{client_port}" },
		{ SMFIM_ENVRCPT, " " },
		{ SMFIM_DATA, " " },
		{ SMFIM_EOH, " " },
		{ SMFIM_EOM, "i" },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (smfi_setsymlist(ctx, lists[i].stage, (char *)(asks_as_ours ? lists[i].names : " ")) != MI_SUCCESS)
			return false;
	}
	return true;
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long unused2, unsigned long unused3,
    unsigned long *out_actions, unsigned long *out_steps, unsigned long *out2, unsigned long *out3)
{
	unsigned long unwanted = asks_as_ours ? nothing & ~(unsigned long)(SMFIP_NOHELO | SMFIP_NOMAIL) : nothing;
	unsigned long wanted = unwanted | silence | (without_fields ? SMFIP_NOHDRS : 0);

	(void)unused2, (void)unused3;
	/* SMFIS_NOREPLY would be a protocol error with an MTA that waits for replies. */
	if ((actions & SMFIF_ADDHDRS) == 0 || (steps & wanted) != wanted || !ask_for_macros(ctx))
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
on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx, (void)name, (void)value;
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

static int
usage(void)
{
	fprintf(stderr, "usage: nullmilter [-b] [-o] SOCKET\n");
	return EX_USAGE;
}

int
main(int argc, char **argv)
{
	struct smfiDesc desc = {
		.xxfi_name = (char *)"null",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_envfrom,
		.xxfi_header = on_header,
		.xxfi_eom = on_eom,
		.xxfi_negotiate = on_negotiate,
	};
	int option;

	while ((option = getopt(argc, argv, "bo")) != -1) {
		if (option == '?')
			return usage();
		asks_as_ours = asks_as_ours || option == 'o';
		without_fields = without_fields || option == 'b';
	}
	if (optind != argc - 1)
		return usage();
	if (smfi_setconn(argv[optind]) != MI_SUCCESS || smfi_register(desc) != MI_SUCCESS ||
	    smfi_opensocket(1) != MI_SUCCESS) {
		fprintf(stderr, "nullmilter: cannot listen on %s\n", argv[optind]);
		return EX_UNAVAILABLE;
	}
	return smfi_main() == MI_SUCCESS ? EX_OK : EX_SOFTWARE;
}
